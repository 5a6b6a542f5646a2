/* A glyph is a list of strokes on a grid whose points are two digits, x then y: the
 * baseline is y = 2, small letters reach 7, capitals 9, descenders 0. A stroke is a
 * line through its points; one that begins with '(' is an open curve and '@' a closed
 * one, both quadratic B-splines with the points as their polygon: they pass through the
 * middle of each side, so four corners of a square make a round o. */
#include "viz/stroke_text.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>

enum {
    BASELINE = 2,
    CAP = 7, /* height of a capital on the grid */
    GAP = 2, /* between glyphs */
    FIRST = ' ',
    MAX_POINTS = 16, /* of a stroke */
    CURVE_PARTS = 6, /* straight pieces of one arc */
    MAX_SEGMENTS = 128
};

struct glyph {
    int width;
    const char *strokes;
};

static const struct glyph ascii[] = {
    { 2, "" },                                 /* space */
    { 0, "0905 02" },                          /* ! */
    { 2, "0907 2927" },                        /* " */
    { 5, "1229 3249 0454 0757" },              /* # */
    { 4, "(4849090645420203 2129" },           /* $ */
    { 5, "0259 @07272909 @32525434" },         /* % */
    { 5, "(521719393705023255" },              /* & */
    { 0, "0907" },                             /* ' */
    { 2, "(29070321" },                        /* ( */
    { 2, "(09272301" },                        /* ) */
    { 4, "2925 0846 0648" },                   /* * */
    { 4, "2327 0545" },                        /* + */
    { 1, "1200" },                             /* , */
    { 3, "0535" },                             /* - */
    { 0, "02" },                               /* . */
    { 3, "0139" },                             /* / */
    { 4, "@02424909" },                        /* 0 */
    { 4, "172922" },                           /* 1 */
    { 4, "(0709494602 0242" },                 /* 2 */
    { 4, "(0809494616 (1646420203" },          /* 3 */
    { 4, "32390444" },                         /* 4 */
    { 4, "490906 (0647420203" },               /* 5 */
    { 4, "(390904 @02424606" },                /* 6 */
    { 4, "094912" },                           /* 7 */
    { 4, "@06464909 @02424606" },              /* 8 */
    { 4, "@05454909 (474212" },                /* 9 */
    { 0, "02 06" },                            /* : */
    { 1, "1200 16" },                          /* ; */
    { 4, "480542" },                           /* < */
    { 4, "0444 0646" },                        /* = */
    { 4, "084502" },                           /* > */
    { 4, "(070949462524 22" },                 /* ? */
    { 6, "(520209696444 @24444727 4744" },     /* @ */
    { 6, "023962 1454" },                      /* A */
    { 5, "0209 (092949462606 (063656523202" }, /* B */
    { 5, "(575909025254" },                    /* C */
    { 5, "0209 (092959522202" },               /* D */
    { 4, "49090242 0636" },                    /* E */
    { 4, "490902 0636" },                      /* F */
    { 5, "(575909025255 3555" },               /* G */
    { 5, "0209 5259 0656" },                   /* H */
    { 0, "0209" },                             /* I */
    { 3, "(3934320204" },                      /* J */
    { 4, "0209 4905 1642" },                   /* K */
    { 4, "090242" },                           /* L */
    { 6, "0209346962" },                       /* M */
    { 5, "02095259" },                         /* N */
    { 5, "@02525909" },                        /* O */
    { 5, "0209 (093959553505" },               /* P */
    { 5, "@02525909 3452" },                   /* Q */
    { 5, "0209 (093959553505 3552" },          /* R */
    { 5, "(5859090655520203" },                /* S */
    { 6, "0969 3932" },                        /* T */
    { 5, "(090502525559" },                    /* U */
    { 6, "093269" },                           /* V */
    { 8, "0922486289" },                       /* W */
    { 5, "0259 0952" },                        /* X */
    { 6, "093669 3632" },                      /* Y */
    { 5, "09590252" },                         /* Z */
    { 2, "29090121" },                         /* [ */
    { 3, "0931" },                             /* \ */
    { 2, "09292101" },                         /* ] */
    { 4, "072947" },                           /* ^ */
    { 4, "0141" },                             /* _ */
    { 1, "0918" },                             /* ` */
    { 4, "@02424707 4742" },                   /* a */
    { 4, "0209 @02424707" },                   /* b */
    { 4, "(464707024243" },                    /* c */
    { 4, "4249 @02424707" },                   /* d */
    { 4, "(454707024243 0545" },               /* e */
    { 3, "(39191712 0727" },                   /* f */
    { 4, "@02424707 (4742400001" },            /* g */
    { 4, "0209 (0407474442" },                 /* h */
    { 0, "0207 09" },                          /* i */
    { 1, "(17121000 19" },                     /* j */
    { 3, "0209 3704 1532" },                   /* k */
    { 1, "(09030212" },                        /* l */
    { 6, "0207 (0507373432 (3537676462" },     /* m */
    { 4, "0207 (0407474442" },                 /* n */
    { 4, "@02424707" },                        /* o */
    { 4, "0007 @02424707" },                   /* p */
    { 4, "4047 @02424707" },                   /* q */
    { 3, "0207 (040737" },                     /* r */
    { 4, "(4647070544420203" },                /* s */
    { 3, "(19131232 0727" },                   /* t */
    { 4, "4247 (0705024245" },                 /* u */
    { 4, "072247" },                           /* v */
    { 6, "0722364267" },                       /* w */
    { 4, "0247 0742" },                        /* x */
    { 4, "0722 4710" },                        /* y */
    { 4, "07470242" },                         /* z */
    { 3, "(39191505 (05151131" },              /* { */
    { 0, "0109" },                             /* | */
    { 3, "(09292535 (35252101" },              /* } */
    { 4, "(04173346" },                        /* ~ */
};

static const struct glyph box = { 4, "0242490902" };
static const struct {
    uint32_t code;
    struct glyph glyph;
} others[] = {
    { 0xb7, { 0, "05" } },         /* middle dot */
    { 0x2026, { 4, "02 22 42" } }, /* ellipsis */
    { 0x2423, { 4, "03014143" } }, /* open box: a space that shows */
};

/* Letters of Latin-1 from U+00C0: the plain letter (\177: none of ours, so the box) and
 * the mark upon it. */
static const char latin_base[] = "AAAAAA\177CEEEEIIII\177NOOOOOx\177UUUUY\177\177"
                                 "aaaaaa\177ceeeeiiii\177nooooo\177\177uuuuy\177y";
static const char latin_mark[] = "`'^~:o ,`'^:`'^: ~`'^~:  `'^:'  "
                                 "`'^~:o ,`'^:`'^: ~`'^~:  `'^:' :";
static const struct {
    char mark;
    const char *strokes;
} marks[] = {
    { '`', "0918" },  { '\'', "0819" },     { '^', "081928" }, { '~', "(08190829" },
    { ':', "08 28" }, { 'o', "@08282909" }, { ',', "1100" },
};

struct segment {
    float from[2], to[2];
};

struct outline {
    struct segment segment[MAX_SEGMENTS];
    int count;
};

/* How the grid lies on the pixels. */
struct placement {
    float x, y, unit, cosine, sine;
};

static void place(const struct placement *at, const float grid[2], float pixel[2])
{
    float right = grid[0] * at->unit, up = (grid[1] - BASELINE) * at->unit;
    pixel[0] = at->x + right * at->cosine - up * at->sine;
    pixel[1] = at->y - right * at->sine - up * at->cosine;
}

static void add_segment(struct outline *outline, const struct placement *at,
                        const float from[2], const float to[2])
{
    if (outline->count == MAX_SEGMENTS)
        return;
    struct segment *segment = &outline->segment[outline->count++];
    place(at, from, segment->from);
    place(at, to, segment->to);
}

static void add_arc(struct outline *outline, const struct placement *at,
                    const float from[2], const float control[2], const float to[2])
{
    float last[2] = { from[0], from[1] };
    for (int part = 1; part <= CURVE_PARTS; part++) {
        float t = (float)part / CURVE_PARTS, s = 1 - t, next[2];
        for (int i = 0; i < 2; i++)
            next[i] = s * s * from[i] + 2 * s * t * control[i] + t * t * to[i];
        add_segment(outline, at, last, next);
        memcpy(last, next, sizeof last);
    }
}

static void middle(const float a[2], const float b[2], float out[2])
{
    out[0] = (a[0] + b[0]) / 2;
    out[1] = (a[1] + b[1]) / 2;
}

static void add_curve(struct outline *outline, const struct placement *at,
                      const float (*point)[2], int count, bool is_closed)
{
    float from[2], to[2];
    int arcs = is_closed ? count : count - 2;
    if (is_closed)
        middle(point[count - 1], point[0], from);
    else
        memcpy(from, point[0], sizeof from);

    for (int arc = 0; arc < arcs; arc++) {
        int control = is_closed ? arc : arc + 1;
        if (!is_closed && arc == arcs - 1)
            memcpy(to, point[count - 1], sizeof to);
        else
            middle(point[control], point[(control + 1) % count], to);
        add_arc(outline, at, from, point[control], to);
        memcpy(from, to, sizeof from);
    }
}

static void add_strokes(struct outline *outline, const struct placement *at,
                        const char *strokes, int raise)
{
    while (*strokes) {
        float point[MAX_POINTS][2];
        int count = 0;
        char kind = *strokes;
        if (kind == '(' || kind == '@')
            strokes++;
        for (; *strokes && *strokes != ' ' && count < MAX_POINTS; strokes += 2) {
            point[count][0] = (float)(strokes[0] - '0');
            point[count++][1] = (float)(strokes[1] - '0' + raise);
        }
        if (kind == '(' || kind == '@') {
            add_curve(outline, at, (const float(*)[2])point, count, kind == '@');
        } else {
            if (count == 1)
                add_segment(outline, at, point[0], point[0]);
            for (int i = 1; i < count; i++)
                add_segment(outline, at, point[i - 1], point[i]);
        }
        if (*strokes == ' ')
            strokes++;
    }
}

static float distance(const struct segment *segment, float x, float y)
{
    float along_x = segment->to[0] - segment->from[0];
    float along_y = segment->to[1] - segment->from[1];
    float dx = x - segment->from[0], dy = y - segment->from[1];
    float square = along_x * along_x + along_y * along_y;
    float t = square > 0 ? (dx * along_x + dy * along_y) / square : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypotf(dx - t * along_x, dy - t * along_y);
}

static void paint(struct image *image, const struct outline *outline, float half_width,
                  uint32_t colour)
{
    float low[2] = { INFINITY, INFINITY }, high[2] = { -INFINITY, -INFINITY };
    for (int i = 0; i < outline->count; i++) {
        for (int axis = 0; axis < 2; axis++) {
            const struct segment *s = &outline->segment[i];
            low[axis] = fminf(low[axis], fminf(s->from[axis], s->to[axis]));
            high[axis] = fmaxf(high[axis], fmaxf(s->from[axis], s->to[axis]));
        }
    }
    if (outline->count == 0)
        return;
    float reach = half_width + 1;
    int bottom = (int)ceilf(high[1] + reach), right = (int)ceilf(high[0] + reach);
    for (int y = (int)floorf(low[1] - reach); y <= bottom; y++) {
        for (int x = (int)floorf(low[0] - reach); x <= right; x++) {
            float nearest = INFINITY;
            for (int i = 0; i < outline->count; i++)
                nearest = fminf(nearest, distance(&outline->segment[i], (float)x + 0.5f,
                                                  (float)y + 0.5f));
            float coverage = half_width + 0.5f - nearest;
            if (coverage > 0)
                image_blend(image, x, y, colour, coverage > 1 ? 1 : coverage);
        }
    }
}

/* A byte that begins no character is taken alone and gives 0xFFFD. */
static size_t next_character(const char *text, size_t length, uint32_t *code)
{
    size_t bytes = utf8_read(text, length, code);
    if (bytes)
        return bytes;
    *code = 0xfffd;
    return 1;
}

/* The glyph of a character, and the mark above it (a space: none). */
static const struct glyph *find_glyph(uint32_t code, char *mark)
{
    static const struct {
        uint32_t code;
        char plain;
    } folded[] = {
        { 0xa0, ' ' },   { 0x2010, '-' },  { 0x2011, '-' },  { 0x2013, '-' },
        { 0x2014, '-' }, { 0x2018, '\'' }, { 0x2019, '\'' }, { 0x201c, '"' },
        { 0x201d, '"' }, { 0x2212, '-' },
    };
    *mark = ' ';
    if (code >= 0xc0 && code <= 0xff) {
        *mark = latin_mark[code - 0xc0];
        code = (unsigned char)latin_base[code - 0xc0];
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i].code == code)
            return &others[i].glyph;
    for (size_t i = 0; i < sizeof folded / sizeof folded[0]; i++)
        if (folded[i].code == code)
            code = (unsigned char)folded[i].plain;
    if (code < FIRST || code - FIRST >= sizeof ascii / sizeof ascii[0])
        return &box;
    return &ascii[code - FIRST];
}

static float unit_of(const struct pen *pen)
{
    return pen->cap_height / CAP;
}

size_t stroke_fit(const struct pen *pen, const char *text, size_t length, float width)
{
    float used = 0;
    size_t at = 0;
    while (at < length) {
        uint32_t code;
        char mark;
        size_t bytes = next_character(text + at, length - at, &code);
        used += (float)find_glyph(code, &mark)->width * unit_of(pen);
        if (used > width)
            break;
        used += GAP * unit_of(pen);
        at += bytes;
    }
    return at;
}

float stroke_width(const struct pen *pen, const char *text, size_t length)
{
    float used = 0;
    for (size_t at = 0; at < length;) {
        uint32_t code;
        char mark;
        at += next_character(text + at, length - at, &code);
        used += (float)(find_glyph(code, &mark)->width + GAP);
    }
    return length ? (used - GAP) * unit_of(pen) : 0;
}

void stroke_draw(struct image *image, const struct pen *pen, float x, float y,
                 const char *text, size_t length)
{
    float unit = unit_of(pen);
    struct placement at = { x, y, unit, cosf(pen->angle), sinf(pen->angle) };
    for (size_t i = 0; i < length;) {
        uint32_t code;
        char mark;
        struct outline outline;
        i += next_character(text + i, length - i, &code);
        const struct glyph *glyph = find_glyph(code, &mark);
        outline.count = 0;
        add_strokes(&outline, &at, glyph->strokes, 0);
        for (size_t m = 0; m < sizeof marks / sizeof marks[0]; m++) {
            if (marks[m].mark == mark) {
                bool is_capital = code < 0xe0 && mark != ',';
                struct placement above = at;
                float shift = (float)(glyph->width / 2 - 1) * unit;
                above.x += shift * at.cosine;
                above.y -= shift * at.sine;
                add_strokes(&outline, &above, marks[m].strokes, is_capital ? 2 : 0);
            }
        }
        paint(image, &outline, fmaxf(0.55f, unit * (pen->is_bold ? 0.58f : 0.40f)),
              pen->colour);
        at.x += (float)(glyph->width + GAP) * unit * at.cosine;
        at.y -= (float)(glyph->width + GAP) * unit * at.sine;
    }
}
