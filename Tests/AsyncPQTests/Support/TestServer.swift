//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Logging
import Secrets
import TestSupport

/// A private PostgreSQL for this run of the tests, on a Unix socket and on a loopback port, with TLS.
///
/// It is started at first use and belongs to a small shell script that waits for the end of a pipe which only this process
/// holds. However the process ends, the script then stops the server and removes its folder.
struct TestServer: Sendable {
    /// Holds the Unix socket, the certificate and the log.
    let folder: String
    let port: Int

    static let superuser = "tester"
    static let passwordUser = "anna"
    static let password = "pq-canary-7f3a91"

    private static let running = Result { try TestServer.start() }
    private static let runningStandby = Result { try TestServer.start(isStandby: true) }

    /// The server, started at the first call.
    ///
    /// - Throws: ``TestServerError`` when there is no PostgreSQL on this machine or it does not start.
    static func shared() throws -> TestServer { try self.running.get() }

    /// A server of its own that is a standby, started at the first call.
    static func standby() throws -> TestServer { try self.runningStandby.get() }

    /// How long a login may take: a guard, since beside other tests it may take longer than the ten seconds of the default.
    private static let patience = Duration.seconds(60)

    /// Logs in through the Unix socket, as a superuser.
    var socket: PQConnection.Configuration {
        PQConnection.Configuration(
            host: self.folder, port: self.port, username: Self.superuser, database: "postgres",
            connectTimeout: Self.patience)
    }

    /// Logs in over TCP without TLS, as a superuser.
    var tcp: PQConnection.Configuration {
        PQConnection.Configuration(
            host: "127.0.0.1", port: self.port, username: Self.superuser, database: "postgres", tls: .disable,
            connectTimeout: Self.patience)
    }

    /// Logs in over TCP with TLS, server and name verified, by password.
    var tls: PQConnection.Configuration {
        PQConnection.Configuration(
            host: "localhost", port: self.port, username: Self.passwordUser, database: "postgres",
            password: Secret(Self.password), tls: .verifyFull, rootCertificate: "\(self.folder)/server.crt",
            connectTimeout: Self.patience)
    }
}

struct TestServerError: Error, CustomStringConvertible {
    let description: String
}

extension TestServer {
    /// Starts a server, which ends with this process; for tests that stop it or count all of its sessions.
    static func start(isStandby: Bool = false) throws -> TestServer {
        // What is free now may be taken when the server is ready to listen: other tests open connections meanwhile.
        let ports = try (0..<20).map { _ in String(try LoopbackSocket.freePort()) }
        // The write end is held open until the process ends, and by no child.
        let life = try Self.makePipe()
        let output = try Self.makePipe()
        try Self.spawn(
            ["/bin/sh", "-c", Self.script, "test-server", Self.superuser, Self.passwordUser] + ports,
            environment: ProcessInfo.processInfo.environment
                .filter { !$0.key.hasPrefix("PG") }
                .merging([
                    "SCRAM_PASSWORD": Self.password, "LC_ALL": "C", "STANDBY": isStandby ? "yes" : "no",
                ]) { $1 },
            input: life.read, output: output.write)
        close(life.read)
        close(output.write)
        defer { close(output.read) }

        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let words = lines.last(where: { $0.hasPrefix("ready ") })?.split(separator: " ", maxSplits: 2),
                words.count == 3, let port = Int(words[1])
            {
                return TestServer(folder: String(words[2]), port: port)
            }
            let count = read(output.read, &buffer, buffer.count)
            guard count > 0 else {
                throw TestServerError(description: "the PostgreSQL for the tests did not start:\n\(text)")
            }
            text += String(decoding: buffer.prefix(count), as: UTF8.self)
        }
    }

    private static func makePipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestServerError(description: "pipe failed with errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Starts a child without waiting for its end, which comes after this process's own.
    @discardableResult
    static func spawn(
        _ arguments: [String], environment: [String: String], input: Int32, output: Int32
    ) throws -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        #else
        var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var child = pid_t()
        let code = posix_spawn(&child, arguments[0], &actions, nil, &argv, &envp)
        guard code == 0 else { throw TestServerError(description: "\(arguments[0]) did not start: errno \(code)") }
        return child
    }

    /// Makes a cluster, runs it on the first port that is free, says "ready PORT FOLDER", and stops it when its standard
    /// input ends.
    private static let script = #"""
        set -eu
        superuser=$1 password_user=$2
        shift 2
        trap '' INT HUP
        umask 077

        bin=
        for folder in $(command -v postgres >/dev/null && dirname "$(readlink -f "$(command -v postgres)")") \
            $(pg_config --bindir 2>/dev/null || true) $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
            /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin
        do
            if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then bin=$folder; break; fi
        done
        if [ -z "$bin" ]; then
            echo "PostgreSQL's programs (initdb, pg_ctl) were not found. Remedy: script/setup"
            exit 1
        fi

        folder=$(mktemp -d "${TMPDIR:-/tmp}/lakebase-pq.XXXXXX")
        trap 'rm -rf "$folder"' EXIT
        if [ "$(id -u)" = 0 ]; then
            # PostgreSQL refuses to run as root.
            chown postgres "$folder"
            as_user() { (cd "$folder" && runuser -u postgres -- "$@"); }
        else
            as_user() { "$@"; }
        fi

        as_user "$bin/initdb" -D "$folder/data" -U "$superuser" -A trust -N -E UTF8 --locale=C >"$folder/initdb.log" 2>&1 \
            || { cat "$folder/initdb.log"; exit 1; }
        as_user openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
            -keyout "$folder/server.key" -out "$folder/server.crt" >"$folder/openssl.log" 2>&1 \
            || { echo "openssl could not make a certificate:"; cat "$folder/openssl.log"; exit 1; }
        cat >>"$folder/data/postgresql.conf" <<CONF
        listen_addresses = '127.0.0.1'
        unix_socket_directories = '$folder'
        max_connections = 400
        fsync = off
        ssl = on
        ssl_cert_file = '$folder/server.crt'
        ssl_key_file = '$folder/server.key'
        timezone = 'Europe/Berlin'
        CONF
        cat >"$folder/data/pg_hba.conf" <<HBA
        local all all trust
        hostssl all $password_user 127.0.0.1/32 scram-sha-256
        host all $superuser 127.0.0.1/32 trust
        HBA
        # Some builds, those of Python wheels among them, have no TLS. What needs it fails there, and says so.
        if as_user "$bin/postgres" -D "$folder/data" -C ssl 2>&1 | grep -q 'SSL is not supported'; then
            sed -i.tls '/^ *ssl/d' "$folder/data/postgresql.conf"
            sed -i.tls '/^ *hostssl/d' "$folder/data/pg_hba.conf"
        fi
        for port in "$@"; do
            as_user "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -o "-p $port" -w -t 60 start >/dev/null && break
            grep -q 'could not bind' "$folder/log" && [ $# -gt 1 ] \
                || { echo "pg_ctl could not start it:"; cat "$folder/log"; exit 1; }
            shift
            rm -f "$folder/log"
        done
        trap 'as_user "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1; rm -rf "$folder"' EXIT
        echo "CREATE ROLE $password_user LOGIN PASSWORD '$SCRAM_PASSWORD'" \
            | "$bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$folder" -p "$port" -U "$superuser" -d postgres
        if [ "$STANDBY" = yes ]; then
            # It waits for a primary for ever, and answers queries meanwhile.
            as_user touch "$folder/data/standby.signal"
            as_user "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -o "-p $port" -m fast -w -t 60 restart >/dev/null \
                || { echo "pg_ctl could not restart it as a standby:"; cat "$folder/log"; exit 1; }
        fi
        chmod 711 "$folder"
        chmod 644 "$folder/server.crt"

        echo "ready $port $folder"
        exec >/dev/null 2>&1
        cat >/dev/null
        """#
}
