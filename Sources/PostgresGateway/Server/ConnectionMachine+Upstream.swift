//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// The login at the upstream and the relay.
extension ConnectionMachine {
    mutating func handle(_ event: Event, connecting: Connecting) -> [Action] {
        var connecting = connecting
        switch event {
        case .clientSent(let bytes):
            let steps = connecting.client.login.received(bytes)
            self.phase = .connecting(connecting)
            return self.sentAhead(steps)
        case .upstreamConnected(let link):
            guard case .opening = connecting.connection else { return self.unexpected(event) }
            return self.follow(connecting.login.connected(), connecting, link, .none)
        case .upstreamSent(let bytes):
            let steps = connecting.login.received(bytes)
            switch connecting.connection {
            case .open(let link, .awaited(let earlier)):
                connecting.connection = .open(link, .awaited(then: earlier + steps))
            case .open(let link, let key): return self.follow(steps, connecting, link, key)
            case .opening: break
            }
            self.phase = .connecting(connecting)
            return []
        case .upstreamTLSEstablished:
            guard case .open(let link, let key) = connecting.connection else { return self.unexpected(event) }
            return self.follow(connecting.login.tlsEstablished(), connecting, link, key)
        case .upstreamInputClosed:
            // Before the connection is there, its failure is reported by the attempt to connect.
            guard case .open(let link, let key) = connecting.connection else { return [] }
            return self.follow(connecting.login.closed(), connecting, link, key)
        case .upstreamFailed(let error):
            return [.log("the upstream cannot be reached", error: error)]
                + self.reject(.unreachable(connecting.info.upstream, error))
        case .keyGiven(let key, let isRegistered):
            guard case .open(let link, .awaited(let steps)) = connecting.connection else {
                return self.unexpected(event)
            }
            connecting.info.processID = key.processID
            return [.tellKey(key)] + self.follow(steps, connecting, link, .given(isRegistered ? key : nil))
        case .deadlineReached(.upstream):
            let message = """
                the database server at \(connecting.info.upstream) did not complete the login \
                within \(self.facts.upstreamTimeout)
                """
            return self.reject(LoginRejection(sqlState: "08006", message: message))
        case .evicted: return []
        case .terminated: return self.reject(.administratorCommand, deadline: .grace)
        case .clientInputClosed: return self.close("the client left during the login")
        case .clientClosed(let reason): return self.close(reason)
        case .clientNamedServer, .clientTLSEstablished, .clientOutputDone, .deadlineReached, .decided,
            .commandRejected, .cancelFinished:
            return self.unexpected(event)
        }
    }

    /// Performs the steps of the login at the upstream.
    private mutating func follow(
        _ steps: [UpstreamLogin.Action],
        _ connecting: Connecting,
        _ link: Link,
        _ key: ClientKey
    ) -> [Action] {
        var connecting = connecting
        connecting.connection = .open(link, key)
        self.phase = .connecting(connecting)
        var actions: [Action] = []
        for (index, step) in steps.enumerated() {
            switch step {
            case .send(let bytes): actions.append(.sendToUpstream(link, bytes))
            case .startTLS: actions.append(.startUpstreamTLS(link, connecting.upstream))
            case .forward(let bytes): actions.append(.writeToClient(bytes))
            case .key(let upstreamKey):
                connecting.connection = .open(link, .awaited(then: Array(steps[(index + 1)...])))
                self.phase = .connecting(connecting)
                return actions + [.giveKey(upstreamKey, connecting.upstream.withoutPassword)]
            case .ready(let rest): return actions + self.relay(connecting, link, key, rest)
            case .end: return actions + [.log("the upstream refused the login")] + self.end()
            case .refuse(let rejection): return actions + self.reject(rejection)
            }
        }
        return actions
    }

    private mutating func relay(
        _ connecting: Connecting,
        _ link: Link,
        _ key: ClientKey,
        _ upstreamBytes: ByteBuffer
    ) -> [Action] {
        var connecting = connecting
        let clientBytes = connecting.client.login.takePipelinedBytes()
        connecting.info.isOpen = true
        let registered: CancelKey? = if case .given(let key) = key { key } else { nil }
        self.phase = .relaying(
            Relaying(link: link, session: connecting.upstream.upstream.session, key: registered))
        return [
            .cancelDeadline,
            .startRelay(link, connecting.info, upstreamBytes: upstreamBytes, clientBytes: clientBytes),
        ]
    }

    mutating func handle(_ event: Event, relaying: Relaying) -> [Action] {
        var relaying = relaying
        switch event {
        // The relay takes the bytes itself until the session is told to end, and then they are dropped.
        case .clientSent: return relaying.isTerminating ? [] : self.unexpected(event)
        case .clientInputClosed:
            relaying.isInputDone = true
            self.phase = .relaying(relaying)
            // The server finishes what it does, answers, and hangs up.
            return [.closeUpstreamInput(relaying.link)]
        case .upstreamInputClosed: return self.upstreamEnded(relaying)
        case .upstreamFailed(let error):
            return [.log("the upstream's connection failed", error: error)] + self.upstreamEnded(relaying)
        case .commandRejected(let rejection): return self.reject(rejection)
        case .terminated:
            guard !relaying.isTerminating else { return [] }
            relaying.isTerminating = true
            self.phase = .relaying(relaying)
            return [.setDeadline(.grace)] + (relaying.key.map { [.cancelStatement($0)] } ?? [])
                + [.stopRelayToUpstream(relaying.link), .closeUpstreamInput(relaying.link)]
        case .deadlineReached(.grace): return self.close("the grace period is over")
        case .evicted: return []
        case .clientClosed(let reason): return self.close(reason)
        case .clientNamedServer, .clientTLSEstablished, .clientOutputDone, .deadlineReached, .decided,
            .upstreamConnected, .upstreamSent, .upstreamTLSEstablished, .keyGiven, .cancelFinished:
            return self.unexpected(event)
        }
    }

    private mutating func upstreamEnded(_ relaying: Relaying) -> [Action] {
        let ended = Action.log("the upstream ended the session")
        guard relaying.isTerminating else { return [ended] + self.end() }
        var goodbye = ByteBuffer()
        goodbye.writeErrorResponse(.administratorCommand)
        // The grace period continues: the client's reading is part of it.
        return [.writeToClient(goodbye), ended] + self.end(deadline: nil)
    }
}
