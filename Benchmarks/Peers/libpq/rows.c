/*
 * lakebase-swift · Apache License 2.0 · see LICENSE
 *
 * Reads rows (bigint, text) in libpq's single-row mode, decodes them, and prints the seconds that it took.
 *
 *     cc -O2 -I"$(pg_config --includedir)" rows.c -o rows -L"$(pg_config --libdir)" -lpq
 *     ./rows 'host=… port=…' 1000000 5
 *
 * Each line is one round: seconds, seconds of the processor, rows, sum of the numbers, and bytes of the texts.
 */

#include <endian.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

/* The time of the processor, which other programs on the machine disturb less. */
static double used(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int fail(PGconn *connection) {
    fprintf(stderr, "rows: %s", PQerrorMessage(connection));
    PQfinish(connection);
    return 1;
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: rows CONNECTION ROWS ROUNDS\n");
        return 64;
    }
    PGconn *connection = PQconnectdb(arguments[1]);
    if (PQstatus(connection) != CONNECTION_OK) return fail(connection);
    const char *values[1] = {arguments[2]};
    for (int round = 0; round < atoi(arguments[3]); round++) {
        double begin = now(), begin_used = used();
        long rows = 0;
        int64_t sum = 0;
        size_t bytes = 0;
        if (!PQsendQueryParams(connection, "SELECT n, 'row ' || n FROM generate_series(1, $1::bigint) AS n", 1, NULL,
                               values, NULL, NULL, 1) ||
            !PQsetSingleRowMode(connection))
            return fail(connection);
        PGresult *result;
        while ((result = PQgetResult(connection)) != NULL) {
            ExecStatusType status = PQresultStatus(result);
            if (status == PGRES_SINGLE_TUPLE) {
                uint64_t number;
                memcpy(&number, PQgetvalue(result, 0, 0), 8);
                sum += (int64_t) be64toh(number);
                /* A text of its own, as a caller in C keeps it. */
                size_t length = (size_t) PQgetlength(result, 0, 1);
                char *text = malloc(length + 1);
                if (text == NULL) return 1;
                memcpy(text, PQgetvalue(result, 0, 1), length + 1);
                bytes += strlen(text);
                free(text);
                rows++;
            } else if (status != PGRES_TUPLES_OK) {
                PQclear(result);
                return fail(connection);
            }
            PQclear(result);
        }
        printf("%.4f %.4f %ld %lld %zu\n", now() - begin, used() - begin_used, rows, (long long) sum, bytes);
        fflush(stdout);
    }
    PQfinish(connection);
    return 0;
}
