/* What a recording of a language model tells beyond spike trains: firing against how
 * surprising and how frequent a token is, and channels that never or always fire. Reads
 * tokens in blocks; memory grows with channels and vocabulary. */
#ifndef SIM_TOKEN_STATISTICS_H
#define SIM_TOKEN_STATISTICS_H

#include "sim/recording.h"

/* Pearson's coefficients over tokens; NaN when a side does not vary. */
struct token_correlation {
    uint64_t tokens;
    double spikes, silent; /* with spikes of all populations, and with the share of
                            * channels that are silent among those of sites that ran */
};

/* Channels by the share of the tokens their site ran for in which they fired. */
struct firing_share {
    uint64_t channels, dead; /* never */
    uint64_t rare, always;   /* in under 1 %, dead ones included; in over 99 % */
};

struct token_statistics {
    uint64_t tokens, distinct; /* tokens, and different ones among them */
    struct token_correlation
        surprisal; /* -log2 of the probability, where it is known */
    struct token_correlation frequency; /* log of how often the token is in here */
    bool has_shares;                    /* the recording has counts */
    struct firing_share *share;         /* (populations) */
};

/* A recording whose populations have channels. Release what failed, too. */
enum error_code token_statistics_read(struct token_statistics *statistics,
                                      const struct recording *recording,
                                      struct error *err);
void token_statistics_release(struct token_statistics *statistics);

#endif
