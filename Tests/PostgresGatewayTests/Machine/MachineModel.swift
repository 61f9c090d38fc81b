//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore
import Testing

@testable import PostgresGateway

/// A machine whose connections to an upstream are numbers, with an account of everything that it holds.
///
/// What an event brings is opened here; the actions have to release each thing once. A violation is recorded at once.
struct MachineModel {
    typealias Machine = ConnectionMachine<Int>

    /// A session that can be told from the others.
    struct Session: GatewaySession {
        let number: Int
        func closed() {}
    }

    private(set) var machine: Machine
    private(set) var lastActions: [Machine.Action] = []

    // What is open.
    private var sessions: Set<Int> = []
    private var links: Set<Int> = []
    private var keys: Set<CancelKey> = []

    /// How many decisions were asked for and not answered or abandoned.
    private var decisions = 0
    private var clientCloses = 0
    private var made = 0

    init(rules: ClientLogin.Rules? = nil) {
        let address = GatewayAddress(host: "127.0.0.1", port: 1)
        self.machine = Machine(
            facts: .init(id: 1, localAddress: address, remoteAddress: address, upstreamTimeout: .seconds(30)),
            rules: rules
                ?? ClientLogin.Rules(
                    offersTLS: true,
                    requiresTLS: false,
                    maximumStartupLength: 10_000,
                    maximumPasswordLength: 100,
                    isFull: false
                )
        )
    }

    /// Whether everything that was opened has been released, and the client's connection closed once.
    var isSettled: Bool {
        self.sessions.isEmpty && self.links.isEmpty && self.keys.isEmpty && self.decisions == 0
            && self.clientCloses == 1
    }

    /// Where the machine is; a later phase has a higher number.
    var rank: Int {
        switch self.machine.phase {
        case .login: 0
        case .cancelling, .deciding: 1
        case .connecting: 2
        case .relaying: 3
        case .ending: 4
        case .closed: 5
        }
    }

    /// A new upstream whose session is open from now on.
    mutating func upstream(_ target: GatewayUpstream.Target = .unixSocket(path: "/x")) -> ResolvedUpstream {
        self.made += 1
        self.sessions.insert(self.made)
        let upstream = GatewayUpstream(
            target: target, user: "ada", database: "notes", session: Session(number: self.made))
        return ResolvedUpstream(upstream: upstream, tls: nil)
    }

    /// A new connection to an upstream.
    mutating func link() -> Int {
        self.made += 1
        self.links.insert(self.made)
        return self.made
    }

    /// A new key.
    mutating func key(isRegistered: Bool = true) -> CancelKey {
        self.made += 1
        let key = CancelKey(processID: 7, secret: UInt32(self.made))
        if isRegistered { self.keys.insert(key) }
        return key
    }

    /// Hands the machine an event and keeps account of its actions.
    mutating func handle(_ event: Machine.Event) {
        let before = self.rank
        if case .decided = event, case .deciding = self.machine.phase { self.decisions -= 1 }
        let actions = self.machine.handle(event)
        if self.rank < before { Issue.record("\(event.name) moved the connection backwards") }
        var wasAnswered = false
        if case .decided = event, before == 1 { wasAnswered = true }
        for action in actions {
            switch action {
            case .decide: self.decisions += 1
            // An answered decision is abandoned without effect.
            case .abandonDecision: if !wasAnswered { self.decisions -= 1 }
            case .endSession(let session):
                let number = (session as? Session)?.number ?? 0
                if self.sessions.remove(number) == nil { Issue.record("session \(number) was closed twice") }
            case .closeLink(let link):
                if self.links.remove(link) == nil { Issue.record("link \(link) was closed twice") }
            case .forgetKey(let key):
                if self.keys.remove(key) == nil { Issue.record("key \(key) was forgotten twice") }
            case .closeClient: self.clientCloses += 1
            case .sendToUpstream(let link, _), .startUpstreamTLS(let link, _), .startRelay(let link, _, _, _),
                .stopRelayToUpstream(let link), .closeUpstreamInput(let link):
                if !self.links.contains(link) { Issue.record("link \(link) was used and is closed") }
            case .writeToClient, .sendToClient, .tellRejection, .startClientTLS, .closeClientOutput:
                if self.clientCloses > 0 { Issue.record("the client was used after its end") }
            case .deliverCancel, .connect, .giveKey, .tellKey, .cancelStatement, .setDeadline, .cancelDeadline, .log:
                break
            }
        }
        if before == 5 {
            let isRelease = actions.allSatisfy {
                switch $0 {
                case .endSession, .closeLink, .forgetKey: true
                default: false
                }
            }
            if !isRelease { Issue.record("\(event.name) did something after the end") }
        }
        self.lastActions = actions
    }

    /// Whether the last event closed the connection as one that does not belong to its phase.
    var wasUnexpected: Bool {
        self.lastActions.contains {
            if case .closeClient(let reason) = $0 { reason.hasPrefix("an event that does not belong") } else { false }
        }
    }
}
