//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Hummingbird
import LocalGround
import NIOCore
import Synchronization

/// Notices when a visitor has closed the connection, and closes it for a visitor who does not read.
///
/// A visitor who closes the sending half has left, too: no browser does that and goes on listening, and nothing else
/// tells a page that was closed from one that waits for the next event.
final class VisitorWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    /// How long written bytes may wait for the visitor to read.
    static let stallLimit = TimeAmount.seconds(60)

    /// Fulfilled when the visitor has left.
    let left = AsyncPromise<Bool>()
    private let stall = Mutex<Scheduled<Void>?>(nil)

    func channelInactive(context: ChannelHandlerContext) {
        self.left.succeed(true)
        self.stall.withLock { $0.take() }?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard case .inputClosed? = event as? ChannelEvent else { return }
        self.left.succeed(true)
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let channel = context.channel
        let later =
            channel.isWritable
            ? nil
            : context.eventLoop.scheduleTask(in: Self.stallLimit) {
                channel.close(promise: nil)
            }
        self.stall.withLock { stall in
            stall?.cancel()
            stall = later
        }
        context.fireChannelWritabilityChanged()
    }
}

/// The context of a request to an app, with the connection that it came over.
struct VisitorContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.channel = source.channel
    }

    /// Fulfilled when the visitor has left.
    var left: AsyncPromise<Bool> {
        get async throws { try await self.channel.pipeline.handler(type: VisitorWatch.self).get().left }
    }
}

/// Limits the number of concurrent requests to an app.
final class AppVisits: Sendable {
    /// A running request; it ends when this object is released.
    final class Visit: Sendable {
        private let visits: AppVisits

        fileprivate init(_ visits: AppVisits) { self.visits = visits }

        deinit { self.visits.count.withLock { $0 -= 1 } }
    }

    let limit: Int
    private let count = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// Begins a request; `nil` if the limit is reached.
    func begin() -> Visit? {
        let isFree = self.count.withLock { count in
            guard count < self.limit else { return false }
            count += 1
            return true
        }
        return isFree ? Visit(self) : nil
    }
}

/// Passes values from one task to another, one at a time: the sender waits until its value was taken.
final class Handoff<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case taking(CheckedContinuation<Value?, any Error>)
        case giving(Value, CheckedContinuation<Void, any Error>)
        case ended((any Error)?)
    }

    private let state = Mutex(State.empty)

    /// Sends a value, and waits until it was taken.
    func give(_ value: Value) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (giver: CheckedContinuation<Void, any Error>) in
                let act: () -> Void = self.state.withLock { state in
                    switch state {
                    case .taking(let taker):
                        state = .empty
                        return {
                            taker.resume(returning: value)
                            giver.resume()
                        }
                    case .empty:
                        state = .giving(value, giver)
                        return {}
                    // There is one giver, which waits.
                    case .giving: return { giver.resume(throwing: CancellationError()) }
                    case .ended(let error): return { giver.resume(throwing: error ?? CancellationError()) }
                    }
                }
                act()
            }
        } onCancel: {
            self.end(CancellationError())
        }
    }

    /// Receives the next value; `nil` after the last.
    func take() async throws -> Value? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (taker: CheckedContinuation<Value?, any Error>) in
                let act: () -> Void = self.state.withLock { state in
                    switch state {
                    case .giving(let value, let giver):
                        state = .empty
                        return {
                            giver.resume()
                            taker.resume(returning: value)
                        }
                    case .empty:
                        state = .taking(taker)
                        return {}
                    case .taking: return { taker.resume(throwing: CancellationError()) }
                    case .ended(let error?): return { taker.resume(throwing: error) }
                    case .ended(nil): return { taker.resume(returning: nil) }
                    }
                }
                act()
            }
        } onCancel: {
            self.end(CancellationError())
        }
    }

    /// Ends the hand-off, successfully without an error; only the first call counts.
    func end(_ error: (any Error)?) {
        let act: () -> Void = self.state.withLock { state in
            defer { if case .ended = state {} else { state = .ended(error) } }
            switch state {
            case .empty, .ended: return {}
            case .taking(let taker):
                return { if let error { taker.resume(throwing: error) } else { taker.resume(returning: nil) } }
            case .giving(_, let giver): return { giver.resume(throwing: error ?? CancellationError()) }
            }
        }
        act()
    }
}
