//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// How a connection ends.
///
/// A socket that is closed while it has unread bytes makes the kernel send a reset, and a reset can overtake the error
/// that the client should see. So the end has steps: write the error, close the sending direction, read and drop what
/// the client still sends until it hangs up, all within limits, and only then close.
extension ConnectionMachine {
    mutating func handle(_ event: Event, ending: Ending) -> [Action] {
        var ending = ending
        switch event {
        case .clientSent(let bytes):
            ending.drainedBytes += bytes.readableBytes
            self.phase = .ending(ending)
            return ending.drainedBytes > Self.maximumDrainedBytes
                ? self.close("the client did not stop sending") : []
        case .clientInputClosed:
            ending.isInputDone = true
            self.phase = .ending(ending)
            return ending.isOutputDone ? self.close("done") : []
        case .clientOutputDone:
            guard !ending.isOutputDone else { return [] }
            ending.isOutputDone = true
            self.phase = .ending(ending)
            return ending.isInputDone ? self.close("done") : [.setDeadline(.drain)]
        case .deadlineReached(let deadline):
            switch deadline {
            case .flush: return self.close("the client did not read its last bytes")
            case .drain: return self.close("the client did not close the connection")
            case .stop: return self.close("the gateway stops")
            case .grace: return self.close("the grace period is over")
            case .login, .upstream: return self.unexpected(event)
            }
        case .terminated: return [.setDeadline(.stop)]
        case .clientClosed(let reason): return self.close(reason)
        // The work that was running when the end began.
        case .clientNamedServer, .clientTLSEstablished, .evicted, .decided, .upstreamConnected, .upstreamSent,
            .upstreamTLSEstablished, .upstreamInputClosed, .upstreamFailed, .keyGiven, .commandRejected,
            .cancelFinished:
            return self.released(event)
        }
    }

    /// Sends the client a rejection, and ends.
    mutating func reject(_ rejection: LoginRejection, deadline: Deadline = .flush) -> [Action] {
        [.tellRejection(rejection)] + self.end(deadline: deadline)
    }

    /// Releases the upstream now, and the client once it has read its last bytes.
    ///
    /// - Parameter deadline: The limit for the client's reading; `nil` keeps the one that is set.
    mutating func end(deadline: Deadline? = .flush) -> [Action] {
        let released = self.releasedPhase()
        let isInputDone =
            switch self.phase {
            case .cancelling(let cancelling): cancelling.isInputDone
            case .relaying(let relaying): relaying.isInputDone
            case .ending(let ending): ending.isInputDone
            case .login, .deciding, .connecting, .closed: false
            }
        self.phase = .ending(Ending(isInputDone: isInputDone))
        return released + (deadline.map { [.setDeadline($0)] } ?? []) + [.closeClientOutput]
    }

    /// Closes both sides at once.
    mutating func close(_ reason: String) -> [Action] {
        let released = self.releasedPhase()
        self.phase = .closed
        return [.cancelDeadline] + released + [.closeClient(reason: reason)]
    }

    /// Answers an event that cannot happen in this phase.
    mutating func unexpected(_ event: Event) -> [Action] {
        self.released(event) + self.close("an event that does not belong to this phase: \(event.name)")
    }

    /// Releases the resources of an event that arrives too late.
    func released(_ event: Event) -> [Action] {
        switch event {
        case .decided(.success(let upstream)): [.endSession(upstream.upstream.session)]
        case .upstreamConnected(let link): [.closeLink(link)]
        case .keyGiven(let key, isRegistered: true): [.forgetKey(key)]
        case .decided(.failure), .keyGiven, .clientSent, .clientNamedServer, .clientTLSEstablished, .clientInputClosed,
            .clientClosed, .clientOutputDone, .deadlineReached, .evicted, .terminated, .upstreamSent,
            .upstreamTLSEstablished, .upstreamInputClosed, .upstreamFailed, .commandRejected, .cancelFinished:
            []
        }
    }

    /// Releases the resources of this phase.
    private func releasedPhase() -> [Action] {
        switch self.phase {
        case .login, .cancelling, .ending, .closed: return []
        case .deciding(let deciding): return [.abandonDecision(deciding.departure)]
        case .connecting(let connecting):
            let session = Action.endSession(connecting.upstream.upstream.session)
            guard case .open(let link, let key) = connecting.connection else { return [session] }
            if case .given(let given?) = key { return [.forgetKey(given), .closeLink(link), session] }
            return [.closeLink(link), session]
        case .relaying(let relaying):
            return (relaying.key.map { [.forgetKey($0)] } ?? [])
                + [.closeLink(relaying.link), .endSession(relaying.session)]
        }
    }
}

extension ConnectionMachine.Event {
    /// The event without its payload, for the log.
    var name: String {
        switch self {
        case .clientSent: "clientSent"
        case .clientNamedServer: "clientNamedServer"
        case .clientTLSEstablished: "clientTLSEstablished"
        case .clientInputClosed: "clientInputClosed"
        case .clientClosed: "clientClosed"
        case .clientOutputDone: "clientOutputDone"
        case .deadlineReached(let deadline): "deadlineReached(\(deadline))"
        case .evicted: "evicted"
        case .terminated: "terminated"
        case .decided: "decided"
        case .upstreamConnected: "upstreamConnected"
        case .upstreamSent: "upstreamSent"
        case .upstreamTLSEstablished: "upstreamTLSEstablished"
        case .upstreamInputClosed: "upstreamInputClosed"
        case .upstreamFailed: "upstreamFailed"
        case .keyGiven: "keyGiven"
        case .commandRejected: "commandRejected"
        case .cancelFinished: "cancelFinished"
        }
    }
}
