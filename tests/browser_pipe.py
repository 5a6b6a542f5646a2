"""A headless Chromium spoken to over its pipe (--remote-debugging-pipe): messages are
JSON, each ends with a NUL. Real clicks, keys and touches; what the page logs and asks of
the network is kept."""
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time


def find_chromium():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return shutil.which(name)
    return None


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp()
        to_read, self.to = os.pipe()
        self.answers, from_write = os.pipe()
        # The browser reads descriptor 3 and writes descriptor 4.
        command = ('exec "$@" 3<&%d 4>&%d' % (to_read, from_write))
        self.process = subprocess.Popen(
            ["sh", "-c", command, "sh", find_chromium(), "--headless=new", "--no-sandbox",
             "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--lang=en-US", "--remote-debugging-pipe", "--user-data-dir=" + self.folder,
             "about:blank"],
            pass_fds=(to_read, from_write), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        self.buffer, self.count, self.session = b"", 0, None
        self.problems, self.requests = [], []
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(t for t in targets if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"],
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def message(self):
        while b"\0" not in self.buffer:
            got = os.read(self.answers, 1 << 20)
            if not got:
                raise SystemExit("chromium ended")
            self.buffer += got
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def keep(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.problems.append(params["exceptionDetails"].get(
                "exception", {}).get("description", "an exception"))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.problems.append(str(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.problems.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    def call(self, method, **params):
        self.count += 1
        wanted = self.count
        message = {"id": wanted, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == wanted:
                if "error" in answer:
                    raise SystemExit("%s: %s" % (method, answer["error"]["message"]))
                return answer["result"]
            self.keep(answer)

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise SystemExit("%s: %s" % (expression, result["exceptionDetails"]))
        return result["result"].get("value")

    def size(self, width, height, mobile=False, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=scale, mobile=mobile)
        self.call("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def open(self, url, ready, seconds=60):
        self.problems, self.requests = [], []
        self.call("Page.navigate", url=url)
        self.wait(ready, seconds)

    def wait(self, condition, seconds=20):
        end = time.monotonic() + seconds
        while not self.value("!!(%s)" % condition):
            if time.monotonic() > end:
                raise SystemExit("waited %d s for: %s" % (seconds, condition))
            time.sleep(0.05)

    def frame(self):
        """Until what was changed is drawn."""
        self.value("new Promise(done => requestAnimationFrame(() => "
                   "requestAnimationFrame(() => done(1))))")

    def place(self, selector, x=0.5, y=0.5):
        self.value("document.querySelector('%s').scrollIntoView({block: 'nearest'})"
                   % selector)
        box = self.value("(() => { const b = document.querySelector('%s')"
                         ".getBoundingClientRect(); return [b.x, b.y, b.width, b.height]"
                         "; })()" % selector)
        return box[0] + x * box[2], box[1] + y * box[3]

    def click(self, selector, x=0.5, y=0.5):
        at = dict(zip("xy", self.place(selector, x, y)))
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1,
                      buttons=1 if kind == "mousePressed" else 0, **at)
        self.frame()

    def hover(self, selector, x=0.5, y=0.5):
        at = dict(zip("xy", self.place(selector, x, y)))
        self.call("Input.dispatchMouseEvent", type="mouseMoved", **at)
        self.frame()

    def tap(self, selector, x=0.5, y=0.5):
        at = dict(zip("xy", self.place(selector, x, y)))
        self.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[at])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        self.frame()

    def key(self, key, code=None, text=None):
        named = dict(key=key, code=code or key)
        if text:
            named["text"] = text
        self.call("Input.dispatchKeyEvent", type="keyDown", **named)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=code or key)
        self.frame()

    def picture(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        try:
            self.call("Browser.close")
        except (SystemExit, OSError):
            pass
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
