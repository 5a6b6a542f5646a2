/* The twenty firing patterns of Izhikevich (2004), IEEE Trans. Neural Networks 15, 1063:
 * parameters, starts, steps and input currents of the author's figure1.m. The counts are
 * those of its scheme (neuron `izhikevich`, scheme 0) and step, and of no other. */
#ifndef NEURONS_IZHIKEVICH_PATTERNS_H
#define NEURONS_IZHIKEVICH_PATTERNS_H

enum { IZHIKEVICH_SEGMENTS = 4 };

/* Between from_ms and to_ms, both excluded, the current is value + slope (t - from_ms). */
struct izhikevich_segment {
    double from_ms, to_ms, value, slope;
};

struct izhikevich_pattern {
    char letter; /* of the figure's panel; 0 ends the table */
    const char *name, *outcome;
    double a, b, c, d;
    double linear, constant; /* of v' */
    double u_shift, u_leak;  /* of u' */
    double v0, u0;           /* at the start */
    double dt_ms, length_ms;
    double base; /* current outside the segments; an unused one is empty: from == to */
    struct izhikevich_segment segment[IZHIKEVICH_SEGMENTS];
    int spikes; /* in steps 0 to length / dt, the last included; a spike of the step with
                 * the current of t counts as at t */
    double first_ms, last_ms;
};

extern const struct izhikevich_pattern izhikevich_patterns[];

/* The current that a step beginning at t_ms receives; figure1.m's loop takes t = k dt
 * from k = 0 to length / dt. */
double izhikevich_pattern_current(const struct izhikevich_pattern *pattern,
                                  double t_ms);
/* The parameters of neuron `izhikevich`, in the order of its table. */
void izhikevich_pattern_param(const struct izhikevich_pattern *pattern, double *param);

#endif
