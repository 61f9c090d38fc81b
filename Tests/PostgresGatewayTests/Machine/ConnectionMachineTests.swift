//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import TestSupport
import Testing

@testable import PostgresGateway

/// A gateway's connection as a value.
struct ConnectionMachineTests {
    typealias Machine = ConnectionMachine<Int>

    /// A place in a connection's life, the two of a phase that matter told apart.
    enum Place: String, CaseIterable {
        case login, password, cancelling, deciding, opening, open, awaitingKey, relaying, terminating, ending, ended,
            closed

        /// A machine that has come so far.
        func model() -> MachineModel {
            var model = MachineModel()
            if case .login = self { return model }
            if case .cancelling = self {
                model.handle(.clientSent(Packets.cancel(7, 8)))
                return model
            }
            model.handle(.clientSent(Packets.startup(["user", "ada"])))
            if case .password = self { return model }
            if [.ending, .ended, .closed].contains(self) { return self.end(of: model) }
            model.handle(.clientSent(Packets.password("secret")))
            if case .deciding = self { return model }
            model.handle(.decided(.success(model.upstream())))
            if case .opening = self { return model }
            model.handle(.upstreamConnected(model.link()))
            if case .open = self { return model }
            model.handle(.upstreamSent(Packets.authenticationOk))
            model.handle(.upstreamSent(Packets.keyData(1, 2)))
            if case .awaitingKey = self { return model }
            model.handle(.keyGiven(model.key(), isRegistered: true))
            model.handle(.upstreamSent(Packets.readyForQuery))
            if case .relaying = self { return model }
            model.handle(.terminated)
            return model
        }

        private func end(of model: MachineModel) -> MachineModel {
            var model = model
            model.handle(.terminated)
            if case .ending = self { return model }
            model.handle(.clientOutputDone)
            if case .ended = self { return model }
            model.handle(.clientInputClosed)
            return model
        }
    }

    /// Each kind of event, made anew for a model so that what it brings is in the model's account.
    static let events: [@Sendable (inout MachineModel) -> Machine.Event] = [
        { _ in .clientSent(ByteBuffer()) },
        { _ in .clientNamedServer("db") },
        { _ in .clientTLSEstablished(negotiatedProtocol: nil) },
        { _ in .clientInputClosed },
        { _ in .clientClosed(reason: "gone") },
        { _ in .clientOutputDone },
        { _ in .deadlineReached(.login) },
        { _ in .deadlineReached(.upstream) },
        { _ in .deadlineReached(.grace) },
        { _ in .deadlineReached(.flush) },
        { _ in .deadlineReached(.drain) },
        { _ in .deadlineReached(.stop) },
        { _ in .evicted },
        { _ in .terminated },
        { .decided(.success($0.upstream())) },
        { _ in .decided(.failure(.shuttingDown)) },
        { .upstreamConnected($0.link()) },
        { _ in .upstreamSent(ByteBuffer()) },
        { _ in .upstreamTLSEstablished },
        { _ in .upstreamInputClosed },
        { _ in .upstreamFailed(ChannelError.eof) },
        { .keyGiven($0.key(), isRegistered: true) },
        { .keyGiven($0.key(isRegistered: false), isRegistered: false) },
        { _ in .commandRejected(.tooManyLogins) },
        { _ in .cancelFinished },
    ]

    /// What becomes of each event, in the order of `events`: `.` the phase goes on, `>` the next phase, `e` the end begins,
    /// `c` closed, `u` closed because the event does not belong to the phase.
    static let outcomes: [Place: String] = [
        .login: "...ccu" + "euuuuu" + "ceuu" + "uuuuu" + "uuuu",
        .password: "...ccu" + "euuuuu" + "ceuu" + "uuuuu" + "uuuu",
        .cancelling: ".uu.cu" + "cuuuuu" + "ccuu" + "uuuuu" + "uuuc",
        .deciding: ".uuccu" + "uuuuuu" + ".e>e" + "uuuuu" + "uuuu",
        .opening: ".uuccu" + "ueuuuu" + ".euu" + "..u.e" + "uuuu",
        .open: ".uuccu" + "ueuuuu" + ".euu" + "u..ee" + "uuuu",
        .awaitingKey: ".uuccu" + "ueuuuu" + ".euu" + "u..ee" + "..uu",
        .relaying: "uuu.cu" + "uucuuu" + "..uu" + "uuuee" + "uueu",
        .terminating: ".uu.cu" + "uucuuu" + "..uu" + "uuuee" + "uueu",
        .ending: "....c." + "uucccc" + "...." + "....." + "....",
        .ended: "...cc." + "uucccc" + "...." + "....." + "....",
        .closed: "......" + "......" + "...." + "....." + "....",
    ]

    @Test(arguments: Place.allCases)
    func `each event has its outcome in each phase, and none leaves anything behind`(place: Place) throws {
        let outcomes = Array(try #require(Self.outcomes[place]))
        try #require(outcomes.count == Self.events.count)
        for (make, expected) in zip(Self.events, outcomes) {
            var model = place.model()
            let before = model.rank
            let event = make(&model)
            model.handle(event)
            let outcome: Character =
                if model.rank == before { "." } else if model.wasUnexpected { "u" } else {
                    switch model.rank {
                    case 5: "c"
                    case 4: "e"
                    default: ">"
                    }
                }
            #expect(outcome == expected, "\(event.name) in \(place)")
            model.handle(.clientClosed(reason: "the test is over"))
            #expect(model.isSettled, "\(event.name) in \(place)")
        }
    }

    @Test func `a session's way from the first byte to the last`() {
        var model = Place.awaitingKey.model()
        model.handle(.clientSent(ByteBuffer(string: "ahead")))
        // What comes while the key is given out waits for it.
        model.handle(.upstreamSent(Packets.readyForQuery))
        #expect(model.lastActions.isEmpty)
        let key = model.key()
        model.handle(.keyGiven(key, isRegistered: true))
        guard case .tellKey(key)? = model.lastActions.first,
            case .startRelay(_, let info, _, let clientBytes)? = model.lastActions.last
        else {
            Issue.record("the key and the relay were expected: \(model.lastActions)")
            return
        }
        #expect(info.isOpen)
        #expect(info.processID == key.processID)
        #expect(clientBytes == ByteBuffer(string: "ahead"))
        model.handle(.clientInputClosed)
        model.handle(.upstreamInputClosed)
        model.handle(.clientOutputDone)
        #expect(model.isSettled)
    }

    @Test func `the grace of a session that was told to end limits the reading of its last bytes too`() {
        var model = Place.terminating.model()
        model.handle(.upstreamInputClosed)
        for case .setDeadline(let deadline) in model.lastActions {
            Issue.record("the deadline \(deadline) replaces the grace")
        }
        model.handle(.deadlineReached(.grace))
        #expect(model.isSettled)
    }

    @Test func `a client that does not stop sending after its end is closed`() {
        var model = Place.ending.model()
        let megabyte = ByteBuffer(repeating: 0, count: Machine.maximumDrainedBytes)
        model.handle(.clientSent(megabyte))
        #expect(model.rank == 4)
        model.handle(.clientSent(ByteBuffer(bytes: [0])))
        #expect(model.isSettled)
    }

    @Test(arguments: 0..<16)
    func `any sequence of events ends with nothing held, and only moves forward`(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let fromClient = [
            Packets.tlsRequest, Packets.gssRequest, Packets.startup(["user", "ada"]), Packets.password("secret"),
            Packets.cancel(7, 8), Packets.message("Q", [0]), ByteBuffer(bytes: [0x16, 3, 1]),
        ]
        let fromUpstream = [
            Packets.authenticationOk, Packets.keyData(1, 2), Packets.readyForQuery, Packets.error("28000", "no"),
            Packets.message("S", [0]), ByteBuffer(bytes: [UInt8(ascii: "S")]),
        ]
        for _ in 0..<500 {
            let start = Place.allCases[random.next(below: Place.allCases.count)]
            var model = random.chance(50) ? MachineModel() : start.model()
            for _ in 0..<random.next(below: 30) {
                switch random.next(below: 10) {
                case 0...2: model.handle(.clientSent(fromClient[random.next(below: fromClient.count)]))
                case 3...5: model.handle(.upstreamSent(fromUpstream[random.next(below: fromUpstream.count)]))
                case 6:
                    // What the shell would answer.
                    if case .deciding = model.machine.phase { model.handle(.decided(.success(model.upstream()))) }
                    if case .connecting = model.machine.phase { model.handle(.upstreamConnected(model.link())) }
                case 7: model.handle(.keyGiven(model.key(), isRegistered: true))
                default: model.handle(Self.events[random.next(below: Self.events.count)](&model))
                }
            }
            model.handle(.clientClosed(reason: "the test is over"))
            #expect(model.isSettled)
            #expect(model.rank == 5)
        }
    }
}
