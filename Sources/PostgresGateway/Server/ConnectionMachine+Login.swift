//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// The phases before the policy has decided.
extension ConnectionMachine {
    mutating func handle(_ event: Event, login client: ClientSide) -> [Action] {
        var client = client
        switch event {
        case .clientSent(let bytes):
            return self.follow(client.login.received(bytes), client)
        case .clientNamedServer(let name):
            client.serverName = name
            self.phase = .login(client)
            return []
        case .clientTLSEstablished(let negotiatedProtocol):
            client.isTLS = true
            return self.follow(client.login.tlsEstablished(negotiatedProtocol: negotiatedProtocol), client)
        case .deadlineReached(.login):
            return self.follow(client.login.deadlineReached(), client)
        case .evicted:
            var actions: [Action] = []
            for case .refuse(let rejection) in client.login.abandoned(.tooManyLogins) {
                var message = ByteBuffer()
                message.writeErrorResponse(rejection)
                actions.append(.sendToClient(message))
            }
            return actions + self.close("too many clients are logging in at once")
        case .terminated: return self.reject(.administratorCommand, deadline: .grace)
        case .clientInputClosed: return self.close("the client left during the login")
        case .clientClosed(let reason): return self.close(reason)
        case .clientOutputDone, .deadlineReached, .decided, .upstreamConnected, .upstreamSent, .upstreamTLSEstablished,
            .upstreamInputClosed, .upstreamFailed, .keyGiven, .commandRejected, .cancelFinished:
            return self.unexpected(event)
        }
    }

    /// Performs the steps of the client's login.
    private mutating func follow(_ steps: [ClientLogin.Action], _ client: ClientSide) -> [Action] {
        self.phase = .login(client)
        var actions: [Action] = []
        for step in steps {
            switch step {
            case .send(let bytes): actions.append(.sendToClient(bytes))
            case .startTLS(let opening): actions.append(.startClientTLS(opening))
            case .authenticate(let startup, let password):
                let (departure, continuation) = AsyncStream<Never>.makeStream()
                self.phase = .deciding(Deciding(client: client, startup: startup, departure: continuation))
                actions += [.cancelDeadline, .decide(startup, password: password, client, departure: departure)]
            case .cancel(let key):
                self.phase = .cancelling(Cancelling(isTLS: client.isTLS))
                actions.append(.deliverCancel(key))
            case .refuse(let rejection): actions += self.reject(rejection)
            case .close: actions += self.close("the client did not speak the protocol")
            }
        }
        return actions
    }

    mutating func handle(_ event: Event, cancelling: Cancelling) -> [Action] {
        var cancelling = cancelling
        switch event {
        case .clientSent: return []
        case .clientInputClosed:
            // The request continues; its end closes the connection.
            cancelling.isInputDone = true
            self.phase = .cancelling(cancelling)
            return []
        case .cancelFinished:
            // Nothing was written that would have to arrive first, except for the end of TLS.
            return cancelling.isTLS ? self.end() : self.close("the cancel request is over")
        case .deadlineReached(.login): return self.close("the cancel request took too long")
        case .evicted: return self.close("too many clients are logging in at once")
        case .terminated: return self.close("the gateway stops")
        case .clientClosed(let reason): return self.close(reason)
        case .clientNamedServer, .clientTLSEstablished, .clientOutputDone, .deadlineReached, .decided,
            .upstreamConnected, .upstreamSent, .upstreamTLSEstablished, .upstreamInputClosed, .upstreamFailed,
            .keyGiven, .commandRejected:
            return self.unexpected(event)
        }
    }

    mutating func handle(_ event: Event, deciding: Deciding) -> [Action] {
        var deciding = deciding
        switch event {
        case .clientSent(let bytes):
            let steps = deciding.client.login.received(bytes)
            self.phase = .deciding(deciding)
            return self.sentAhead(steps)
        case .decided(.success(let upstream)): return self.connect(to: upstream, deciding)
        case .decided(.failure(let rejection)): return self.reject(rejection)
        case .evicted: return []
        case .terminated: return self.reject(.administratorCommand, deadline: .grace)
        case .clientInputClosed: return self.close("the client left during the login")
        case .clientClosed(let reason): return self.close(reason)
        case .clientNamedServer, .clientTLSEstablished, .clientOutputDone, .deadlineReached, .upstreamConnected,
            .upstreamSent, .upstreamTLSEstablished, .upstreamInputClosed, .upstreamFailed, .keyGiven, .commandRejected,
            .cancelFinished:
            return self.unexpected(event)
        }
    }

    /// Handles bytes that the client sent after its password: only too many of them matter.
    mutating func sentAhead(_ steps: [ClientLogin.Action]) -> [Action] {
        for step in steps {
            switch step {
            case .refuse(let rejection): return self.reject(rejection)
            case .send, .startTLS, .authenticate, .cancel, .close:
                return self.close("the client did not speak the protocol")
            }
        }
        return []
    }

    private mutating func connect(to upstream: ResolvedUpstream, _ deciding: Deciding) -> [Action] {
        let info = GatewaySessionInfo(
            id: self.facts.id,
            user: deciding.startup.user,
            database: deciding.startup.database,
            upstreamUser: upstream.upstream.user,
            upstreamDatabase: upstream.upstream.database,
            upstream: upstream.target.description,
            processID: 0,
            serverName: deciding.client.serverName,
            localAddress: self.facts.localAddress,
            remoteAddress: self.facts.remoteAddress,
            isTLS: deciding.client.isTLS,
            isOpen: false
        )
        do throws(LoginRejection) {
            let login = try UpstreamLogin(upstream.upstream)
            self.phase = .connecting(
                Connecting(client: deciding.client, upstream: upstream, login: login, info: info))
            return [.setDeadline(.upstream), .connect(upstream, info)]
        } catch {
            return self.reject(error) + [.endSession(upstream.upstream.session)]
        }
    }
}
