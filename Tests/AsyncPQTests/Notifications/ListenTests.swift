//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import TestSupport
import Testing

@Suite("Notifications", .sharesTheMachine)
struct ListenTests {
    private func channels(_ connection: PQConnection) async throws -> [String] {
        try await connection.query("SELECT pg_listening_channels() ORDER BY 1").decode(String.self)
    }

    @Test(arguments: Way.allCases)
    func `a thousand notifications arrive in order, on an idle connection`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            let notifications = try await connection.listen("listen_order_\(way)")
            try await withConnection { sender in
                let process = try await sender.processID()
                let task = Task {
                    for number in 0..<1000 {
                        try await sender.query("SELECT pg_notify(\("listen_order_\(way)"), \("\(number)"))")
                    }
                }
                var next = 0
                for try await notification in notifications {
                    #expect(
                        notification
                            == PQNotification(channel: "listen_order_\(way)", payload: "\(next)", processID: process))
                    next += 1
                    if next == 1000 { break }
                }
                try await task.value
            }
        }
    }

    @Test func `notifications that arrive with the answer to a query are passed on too`() async throws {
        try await withConnection { connection in
            var notifications = try await connection.listen("listen_own").makeAsyncIterator()
            try await withTaskExecutorPreference(connection.eventLoop) {
                for number in 0..<50 {
                    try await connection.query("SELECT pg_notify('listen_own', \("\(number)"))")
                    let found = try await notifications.next()
                    #expect(found?.payload == "\(number)")
                }
            }
        }
    }

    @Test func `channels with quotes, capitals and dots are listened to under their names`() async throws {
        try await withConnection { connection in
            let names = ["Lis\"ten", "listen.dots", "listen", "Listen", "ÄÖ 'x' \\", String(repeating: "n", count: 63)]
            var iterators: [PQNotifications.AsyncIterator] = []
            for name in names { iterators.append(try await connection.listen(name).makeAsyncIterator()) }
            for name in names.reversed() { try await connection.query("SELECT pg_notify(\(name), \(name))") }
            for (index, name) in names.enumerated() {
                let found = try await iterators[index].next()
                #expect(found?.channel == name && found?.payload == name)
            }
            for name in ["", "a\0b", String(repeating: "n", count: 64), String(repeating: "ä", count: 32)] {
                let code = try await pqError { try await connection.listen(name) }.code
                #expect(code == .unsupported)
            }
        }
    }

    @Test func `every listener of a channel gets its notifications, and the last one ends the listening`() async throws
    {
        try await withConnection { connection in
            var first: PQNotifications? = try await connection.listen("listen_many")
            let second = try await connection.listen("listen_many")
            let other = try await connection.listen("listen_other")
            let left6 = try await self.channels(connection)
            #expect(left6 == ["listen_many", "listen_other"])
            try await connection.query("NOTIFY listen_many, 'hello'")
            for sequence in [try #require(first), second] {
                for try await notification in sequence {
                    #expect(notification.payload == "hello")
                    break
                }
            }
            first = nil
            // `second` is still in use, though its loop has ended.
            try await connection.query("SELECT 1")
            let both = try await self.channels(connection)
            #expect(both.contains("listen_many") || both == ["listen_other"])
            withExtendedLifetime((second, other)) {}
        }
        try await withConnection { connection in
            do {
                let only = try await connection.listen("listen_only")
                withExtendedLifetime(only) {}
            }
            try await eventually { try await self.channels(connection).isEmpty }
            let task = Task {
                for try await _ in try await connection.listen("listen_task") {}
                return true
            }
            try await eventually { try await self.channels(connection) == ["listen_task"] }
            task.cancel()
            _ = try await task.value
            try await eventually { try await self.channels(connection).isEmpty }
        }
    }

    @Test func `a listener that is too slow gets what is in its buffer and then an error`() async throws {
        try await withConnection { connection in
            let slow = try await connection.listen("listen_slow", bufferLimit: 10)
            let fast = try await connection.listen("listen_slow")
            for number in 0..<20 { try await connection.query("SELECT pg_notify('listen_slow', \("\(number)"))") }
            var payloads: [String] = []
            let error = try await pqError { for try await found in slow { payloads.append(found.payload) } }
            #expect(error.code == .notificationsLost && error.message.contains("listen_slow"))
            #expect(payloads == (0..<10).map { "\($0)" })
            var count = 0
            for try await _ in fast {
                count += 1
                if count == 20 { break }
            }
        }
    }

    @Test func `a lost or closed connection and a reset session end the loop with an error`() async throws {
        try await withConnection { connection in
            let notifications = try await connection.listen("listen_lost")
            let process = try await connection.processID()
            try await withConnection { _ = try await $0.query("SELECT pg_terminate_backend(\(process))") }
            let error = try await pqError { for try await _ in notifications {} }
            #expect(error.code == .connectionClosed && error.sqlState == .adminShutdown, "\(error)")
        }
        for statement in ["", "DISCARD ALL"] {
            try await withConnection { connection in
                let notifications = try await connection.listen("listen_reset")
                if statement.isEmpty {
                    try await connection.resetSession()
                } else {
                    try await connection.execute(script: statement)
                }
                let error = try await pqError { for try await _ in notifications {} }
                #expect(error.message.contains("reset"))
                let left7 = try await self.channels(connection)
                #expect(left7 == [])
                _ = try await connection.listen("listen_reset")
            }
        }
        try await withConnection { connection in
            let notifications = try await connection.listen("listen_closed")
            await connection.close()
            let error = try await pqError { for try await _ in notifications {} }
            #expect(error.code == .connectionClosed)
        }
    }

    @Test(arguments: [false, true])
    func `the end of a lease ends its listeners and the listening`(resets: Bool) async throws {
        try await withConnection { connection in
            let leased = connection.leased()
            let notifications = try await leased.listen("listen_lease")
            let changes = leased.endLease()
            #expect(!changes.isDisjoint(with: [.observers]))
            await connection.settle(resets: resets)
            let error = try await pqError { for try await _ in notifications {} }
            #expect(error.code == .leaseEnded)
            let left8 = try await self.channels(connection)
            #expect(left8 == [])
            #expect(connection.leftBehind == [])
        }
    }

    @Test func `a transaction refuses to listen, and its end delivers what was sent meanwhile`() async throws {
        try await withConnection { connection in
            var notifications = try await connection.listen("listen_transaction").makeAsyncIterator()
            try await connection.withTransaction { connection in
                let error = try await pqError { try await connection.listen("listen_never") }
                #expect(error.message.contains("transaction"))
                try await connection.query("NOTIFY listen_transaction, 'inside'")
            }
            let found = try await notifications.next()
            #expect(found?.payload == "inside")
        }
    }
}
