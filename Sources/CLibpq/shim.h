#include <libpq-fe.h>
#include <stdbool.h>

// Replaces the list of variables in one step, if it is still the one that is expected.
static inline bool clibpq_replace_environment(
    char **_Nullable *_Nonnull environment, char **_Nonnull expected, char **_Nonnull list) {
    char **found = expected;
    return __atomic_compare_exchange_n(environment, &found, list, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
