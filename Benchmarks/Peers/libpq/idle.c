/*
 * lakebase-swift · Apache License 2.0 · see LICENSE
 *
 * Opens connections, runs a statement on each, and prints the kilobytes of resident memory that each one added.
 *
 *     cc -O2 -I"$(pg_config --includedir)" idle.c -o idle -L"$(pg_config --libdir)" -lpq
 *     ./idle 'host=… port=…' CONNECTIONS
 *
 * One more connection is opened before, so that what all of them share is not counted.
 */

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernel's figure in kB; below 0 where it has none. */
static long resident(void) {
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    long kilobytes = -1;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "VmRSS: %ld", &kilobytes) == 1) break;
    if (file != NULL) fclose(file);
    return kilobytes;
}

static PGconn *use(const char *where) {
    PGconn *connection = PQconnectdb(where);
    PGresult *prepared = PQprepare(connection, "one", "SELECT 1", 0, NULL);
    PGresult *result = PQexecPrepared(connection, "one", 0, NULL, NULL, NULL, 1);
    int is_done = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(prepared);
    PQclear(result);
    if (is_done) return connection;
    fprintf(stderr, "idle: %s", PQerrorMessage(connection));
    PQfinish(connection);
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: idle CONNECTION CONNECTIONS\n");
        return 64;
    }
    int connections = atoi(arguments[2]);
    if (connections < 1) return 64;
    PGconn **all = calloc((size_t) connections + 1, sizeof *all);
    if (all == NULL || (all[0] = use(arguments[1])) == NULL) return 1;
    long before = resident();
    for (int index = 1; index <= connections; index++)
        if ((all[index] = use(arguments[1])) == NULL) return 1;
    printf("%.2f\n", (double) (resident() - before) / connections);
    for (int index = 0; index <= connections; index++) PQfinish(all[index]);
    free(all);
    return 0;
}
