/* One way to fail: an error code is returned, and a sentence says what, which,
 * expected against found. Lower case, no full stop, no "error:". Only main prints
 * it. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

enum error_code { OK = 0, ERR_MEMORY, ERR_IO, ERR_FORMAT, ERR_ARGUMENT };

struct error {
    enum error_code code;
    char text[480];
};

/* Record an error and return its code: `return error_set(err, ERR_IO, "%s: ...")`. */
enum error_code error_set(struct error *err, enum error_code code, const char *format,
                          ...) __attribute__((format(printf, 3, 4)));

/* Put "context: " in front of an error that is passing through; returns its code. */
enum error_code error_wrap(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The usual sentence for a failed allocation of `bytes` for `what`. */
enum error_code error_memory(struct error *err, const char *what, double bytes);

#endif
