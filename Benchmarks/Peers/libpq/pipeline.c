/*
 * lakebase-swift · Apache License 2.0 · see LICENSE
 *
 * Selects by primary key in libpq's pipeline mode, in batches, for some seconds, and prints the statements a second.
 *
 * With several connections, each has a batch on the server while the others are read, in turn, by one thread.
 *
 *     cc -O2 -I"$(pg_config --includedir)" pipeline.c -o pipeline -L"$(pg_config --libdir)" -lpq
 *     ./pipeline 'host=… port=…' ACCOUNTS BATCH SECONDS one|each CONNECTIONS
 *
 * The word says where the synchronization points are: one behind each batch, or one behind each statement.
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

static PGconn *prepare(const char *where) {
    PGconn *connection = PQconnectdb(where);
    if (PQstatus(connection) != CONNECTION_OK) return connection;
    Oid types[1] = {23};
    PQclear(PQprepare(connection, "balance", "SELECT abalance FROM pgbench_accounts WHERE aid = $1", 1, types));
    return connection;
}

/* Sends a batch with a synchronization point behind it, or behind each statement of it. */
static int send_batch(PGconn *connection, uint32_t accounts, int batch, int each) {
    for (int index = 0; index < batch; index++) {
        uint32_t account = htonl(next_account(accounts));
        const char *values[1] = {(const char *) &account};
        int lengths[1] = {4}, formats[1] = {1};
        if (!PQsendQueryPrepared(connection, "balance", 1, values, lengths, formats, 1)) return 0;
        if ((each || index == batch - 1) && !PQpipelineSync(connection)) return 0;
    }
    return 1;
}

/* Reads the rows of a batch. */
static int receive_batch(PGconn *connection, int batch, int syncs, int64_t *sum) {
    int rows = 0;
    while (syncs > 0) {
        PGresult *result = PQgetResult(connection);
        if (result == NULL) continue;
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_TUPLES_OK && PQntuples(result) == 1) {
            uint32_t balance;
            memcpy(&balance, PQgetvalue(result, 0, 0), 4);
            *sum += (int32_t) ntohl(balance);
            rows++;
        } else if (status == PGRES_PIPELINE_SYNC) {
            syncs--;
        } else {
            PQclear(result);
            return 0;
        }
        PQclear(result);
    }
    return rows == batch;
}

int main(int count, char **arguments) {
    if (count != 7) {
        fprintf(stderr, "usage: pipeline CONNECTION ACCOUNTS BATCH SECONDS one|each CONNECTIONS\n");
        return 64;
    }
    uint32_t accounts = (uint32_t) atoi(arguments[2]);
    int batch = atoi(arguments[3]), connections = atoi(arguments[6]);
    int each = strcmp(arguments[5], "each") == 0;
    /* A larger batch could fill the buffers of both sides while this one does not read. */
    if (accounts < 1 || batch < 1 || batch > 500 || connections < 1 || connections > 1000) return 64;

    PGconn **all = calloc((size_t) connections, sizeof *all);
    if (all == NULL) return 1;
    for (int index = 0; index < connections; index++) {
        all[index] = prepare(arguments[1]);
        if (!PQenterPipelineMode(all[index])) return fail(all[index]);
    }
    double begin = now(), end = begin + atof(arguments[4]);
    long statements = 0;
    int64_t sum = 0;
    for (int index = 0; index < connections; index++)
        if (!send_batch(all[index], accounts, batch, each)) return fail(all[index]);
    while (now() < end) {
        for (int index = 0; index < connections; index++) {
            if (!receive_batch(all[index], batch, each ? batch : 1, &sum)) return fail(all[index]);
            statements += batch;
            if (!send_batch(all[index], accounts, batch, each)) return fail(all[index]);
        }
    }
    fprintf(stderr, "sum of the balances: %lld\n", (long long) sum);
    printf("%.1f\n", (double) statements / (now() - begin));
    for (int index = 0; index < connections; index++) PQfinish(all[index]);
    free(all);
    return 0;
}
