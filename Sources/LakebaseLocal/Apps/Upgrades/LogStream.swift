//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import NIOCore

/// The log of an app as the platform streams it: a WebSocket, whose first message is the text to look for, and a message for each line.
///
/// `databricks apps logs` reads it.
final class LogStream {
    /// A line in the format that is sent.
    struct Entry: Codable, Equatable {
        var source: String
        var timestamp: Double
        var message: String

        init(_ line: LocalAppLog.Line) {
            switch line.stream {
            case .system: self.source = "SYSTEM"
            case .standardOutput, .standardError: self.source = "APP"
            }
            self.timestamp = line.time.timeIntervalSince1970
            self.message = line.text
        }
    }

    /// The interval at which new lines are looked for.
    static let pause = TimeAmount.milliseconds(100)

    private let log: AppLog
    private var reader = WebSocketReader(limit: 64 * 1024)
    /// The text that lines have to contain, once the visitor has sent it.
    private var wanted: String?
    private var last = 0
    private var timer: Scheduled<Void>?

    init(_ log: AppLog) { self.log = log }

    /// Starts to look for new lines.
    func begin(_ context: ChannelHandlerContext) {
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.send(context)
            if context.channel.isActive { self.begin(context) }
        }
    }

    func end() {
        self.timer?.cancel()
        self.timer = nil
    }

    /// Sends new lines, as far as the visitor reads.
    func send(_ context: ChannelHandlerContext) {
        guard let wanted else { return }
        while context.channel.isActive, context.channel.isWritable, self.log.last > self.last {
            let page = self.log.tail(count: AppLog.ringLimit, after: self.last)
            self.last = max(page.last, self.last + 1)
            for line in page.lines where wanted.isEmpty || line.text.containsExactly(wanted) {
                guard let data = try? JSONEncoder().encode(Entry(line)) else { continue }
                self.write(.text, Array(data), context)
            }
            context.flush()
        }
    }

    func received(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        do {
            for frame in try self.reader.take(Array(bytes.readableBytesView)) {
                switch frame.kind {
                case .text, .binary:
                    if self.wanted == nil { self.wanted = String(decoding: frame.payload, as: UTF8.self) }
                    self.send(context)
                case .ping: self.write(.pong, frame.payload, context)
                case .pong: break
                case .close:
                    self.write(.close, Array(frame.payload.prefix(2)), context)
                    self.close(context)
                }
            }
            context.flush()
        } catch {
            // 1002, a protocol error.
            self.write(.close, [0x03, 0xEA], context)
            self.close(context)
        }
    }

    private func close(_ context: ChannelHandlerContext) {
        self.end()
        context.flush()
        context.close(mode: .output, promise: nil)
    }

    private func write(_ kind: WebSocketFrame.Kind, _ payload: [UInt8], _ context: ChannelHandlerContext) {
        context.write(
            NIOAny(ByteBuffer(bytes: WebSocketFrame(kind: kind, payload: payload).bytes)), promise: nil)
    }
}

@available(*, unavailable)
extension LogStream: Sendable {}
