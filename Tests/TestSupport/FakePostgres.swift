//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// As much of a PostgreSQL server as a login, a query and BEGIN need, on a Unix socket in a folder of its own.
///
/// Lets tests hang up on their clients or fall silent. Queries without a transaction command answer one row with a 1.
package final class FakePostgres: Sendable {
    private struct State {
        var clients: Set<Int32> = []
        var silent: Set<Int32> = []
        var logins = 0
        var statements: [String] = []
    }

    /// What a test answers to a message instead of the usual.
    package struct Answer: Sendable {
        var bytes: [UInt8]
        var hangsUp: Bool

        package init(_ bytes: [UInt8], hangsUp: Bool = false) {
            self.bytes = bytes
            self.hangsUp = hangsUp
        }
    }

    package let directory: String
    private let listener: Int32
    /// Answers a message, given its kind and content; nil for the usual answer.
    private let special: @Sendable (UInt8, [UInt8]) -> Answer?
    private let state = Mutex(State())

    /// Starts a server.
    ///
    /// - Parameter special: Answers a message after the login, given its kind and content; nil for the usual answer.
    package init(_ special: @escaping @Sendable (UInt8, [UInt8]) -> Answer? = { _, _ in nil }) throws {
        let directory = "/tmp/fakepg-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        #if os(Linux)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        let listener = socket(AF_UNIX, kind, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: Array("\(directory)/.s.PGSQL.5432".utf8))
        }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 64) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        signal(SIGPIPE, SIG_IGN)
        self.directory = directory
        self.listener = listener
        self.special = special
        Thread.detachNewThread { [self] in self.accept() }
    }

    package var configuration: PQConnection.Configuration {
        .init(host: self.directory, username: "ann", database: "app", tls: .disable)
    }

    package var openCount: Int { self.state.withLock { $0.clients.count } }
    package var logins: Int { self.state.withLock { $0.logins } }
    package var statements: [String] { self.state.withLock { $0.statements } }

    /// Hangs up on everyone.
    package func hangUp() {
        self.state.withLock { for client in $0.clients { shutdown(client, Int32(SHUT_RDWR)) } }
    }

    /// Answers those no more who are connected now.
    package func fallSilent() { self.state.withLock { $0.silent = $0.clients } }

    package func stop() {
        shutdown(self.listener, Int32(SHUT_RDWR))
        self.hangUp()
        try? FileManager.default.removeItem(atPath: self.directory)
    }

    // MARK: Serving

    private func accept() {
        while true {
            #if canImport(Glibc)
            let client = Glibc.accept(self.listener, nil, nil)
            #elseif canImport(Musl)
            let client = Musl.accept(self.listener, nil, nil)
            #else
            let client = Darwin.accept(self.listener, nil, nil)
            #endif
            guard client >= 0 else { break }
            self.state.withLock { _ = $0.clients.insert(client) }
            Thread.detachNewThread { [self] in
                self.serve(client)
                self.state.withLock { state in
                    state.clients.remove(client)
                    state.silent.remove(client)
                    close(client)
                }
            }
        }
        close(self.listener)
    }

    private func serve(_ client: Int32) {
        guard let length = self.readLength(client), self.read(client, length) != nil else { return }
        self.state.withLock { $0.logins += 1 }
        var answer = Message("R", [0, 0, 0, 0]).bytes
        for (name, value) in [("server_version", "15.0"), ("client_encoding", "UTF8")] {
            answer += Message("S", Array("\(name)\0\(value)\0".utf8)).bytes
        }
        answer += Message("K", [0, 0, 0, 1, 0, 0, 0, 1]).bytes + Message("Z", Array("I".utf8)).bytes
        var session = Session()
        while self.write(client, answer) {
            guard let kind = self.read(client, 1)?.first, kind != UInt8(ascii: "X"),
                let length = self.readLength(client), let body = self.read(client, length)
            else { return }
            if let special = self.special(kind, body) {
                answer = special.bytes
                if special.hangsUp {
                    _ = self.write(client, answer)
                    return
                }
            } else {
                answer = session.answer(kind, body)
            }
            if let statement = session.takeStatement() { self.state.withLock { $0.statements.append(statement) } }
            if self.state.withLock({ $0.silent.contains(client) }) { answer = [] }
        }
    }

    private func readLength(_ client: Int32) -> Int? {
        self.read(client, 4).map { $0.reduce(0) { $0 << 8 | Int($1) } - 4 }
    }

    private func read(_ client: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let received = bytes.withUnsafeMutableBytes {
                recv(client, $0.baseAddress.map { $0 + done }, count - done, 0)
            }
            guard received > 0 else { return nil }
            done += received
        }
        return bytes
    }

    private func write(_ client: Int32, _ bytes: [UInt8]) -> Bool {
        bytes.isEmpty || send(client, bytes, bytes.count, 0) == bytes.count
    }
}

/// One message of the protocol.
private struct Message {
    var bytes: [UInt8]

    init(_ kind: Character, _ body: [UInt8] = []) {
        let length = UInt32(body.count + 4)
        self.bytes = [kind.asciiValue ?? 0] + withUnsafeBytes(of: length.bigEndian) { Array($0) } + body
    }
}

/// What one client has asked so far.
private struct Session {
    private var prepared: [String: String] = [:]
    private var current = ""
    private var status: Character = "I"
    private var executed: String?

    mutating func takeStatement() -> String? {
        defer { self.executed = nil }
        return self.executed
    }

    mutating func answer(_ kind: UInt8, _ body: [UInt8]) -> [UInt8] {
        let texts = body.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        switch Character(UnicodeScalar(kind)) {
        case "P":
            self.prepared[texts[0]] = texts[1]
            return Message("1").bytes
        case "B":
            self.current = self.prepared[texts[1]] ?? ""
            return Message("2").bytes
        case "D":
            // A statement's name, or the unnamed portal's.
            return self.hasRow ? Message("T", Self.oneInteger).bytes : Message("n").bytes
        case "E":
            let row: [UInt8] = self.hasRow ? Message("D", [0, 1, 0, 0, 0, 4, 0, 0, 0, 1]).bytes : []
            return row + self.execute()
        case "Q":
            self.current = texts[0]
            return self.execute() + self.ready
        case "S": return self.ready
        default: return []
        }
    }

    private var command: String { self.current.split(separator: " ").first.map { $0.uppercased() } ?? "" }
    private var hasRow: Bool { self.command == "SELECT" || self.command == "SHOW" }
    private var ready: [UInt8] { Message("Z", [self.status.asciiValue ?? 0]).bytes }

    private mutating func execute() -> [UInt8] {
        self.executed = self.current
        if self.command == "BEGIN" { self.status = "T" }
        if self.command == "COMMIT" || self.command == "ROLLBACK" { self.status = "I" }
        return Message("C", Array("\(self.command)\0".utf8)).bytes
    }

    /// A row of one column of the type int4 in binary.
    private static let oneInteger: [UInt8] =
        [0, 1] + Array("n\0".utf8) + [0, 0, 0, 0, 0, 0] + [0, 0, 0, 23] + [0, 4] + [0xFF, 0xFF, 0xFF, 0xFF] + [0, 1]
}
