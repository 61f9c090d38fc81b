/*
 * lakebase-swift · Apache License 2.0 · see LICENSE
 *
 * Selects by primary key in libpq's pipeline mode, in batches, for some seconds, and prints the statements a second.
 *
 *     cc -O2 -I"$(pg_config --includedir)" pipeline.c -o pipeline -L"$(pg_config --libdir)" -lpq
 *     ./pipeline 'host=… port=…' ACCOUNTS BATCH SECONDS one|each
 *
 * The last argument says where the synchronization points are: one behind each batch, or one behind each statement.
 */

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static int fail(PGconn *connection) {
    fprintf(stderr, "pipeline: %s", PQerrorMessage(connection));
    PQfinish(connection);
    return 1;
}

/* Account numbers in no order, the same in every run. */
static uint32_t next_account(uint32_t accounts) {
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t) (state % accounts) + 1;
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: pipeline CONNECTION ACCOUNTS BATCH SECONDS one|each\n");
        return 64;
    }
    uint32_t accounts = (uint32_t) atoi(arguments[2]);
    int batch = atoi(arguments[3]);
    int each = strcmp(arguments[5], "each") == 0;
    /* A larger batch could fill the buffers of both sides while this one does not read. */
    if (accounts < 1 || batch < 1 || batch > 500) return 64;

    PGconn *connection = PQconnectdb(arguments[1]);
    if (PQstatus(connection) != CONNECTION_OK) return fail(connection);
    Oid types[1] = {23};
    PGresult *result =
        PQprepare(connection, "balance", "SELECT abalance FROM pgbench_accounts WHERE aid = $1", 1, types);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) return fail(connection);
    PQclear(result);
    if (!PQenterPipelineMode(connection)) return fail(connection);

    double begin = now(), end = begin + atof(arguments[4]);
    long statements = 0;
    int64_t sum = 0;
    while (now() < end) {
        for (int index = 0; index < batch; index++) {
            uint32_t account = htonl(next_account(accounts));
            const char *values[1] = {(const char *) &account};
            int lengths[1] = {4}, formats[1] = {1};
            if (!PQsendQueryPrepared(connection, "balance", 1, values, lengths, formats, 1)) return fail(connection);
            if ((each || index == batch - 1) && !PQpipelineSync(connection)) return fail(connection);
        }
        int rows = 0, syncs = 0;
        while (syncs < (each ? batch : 1)) {
            result = PQgetResult(connection);
            if (result == NULL) continue;
            ExecStatusType status = PQresultStatus(result);
            if (status == PGRES_TUPLES_OK && PQntuples(result) == 1) {
                uint32_t balance;
                memcpy(&balance, PQgetvalue(result, 0, 0), 4);
                sum += (int32_t) ntohl(balance);
                rows++;
            } else if (status == PGRES_PIPELINE_SYNC) {
                syncs++;
            } else {
                PQclear(result);
                return fail(connection);
            }
            PQclear(result);
        }
        if (rows != batch) return fail(connection);
        statements += batch;
    }
    fprintf(stderr, "sum of the balances: %lld\n", (long long) sum);
    printf("%.1f\n", (double) statements / (now() - begin));
    PQfinish(connection);
    return 0;
}
