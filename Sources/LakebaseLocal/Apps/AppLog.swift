//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import LocalGround
import Secrets
import Synchronization

/// The output of an app, in a file of JSON lines that is rotated when it is long.
final class AppLog: Sendable {
    /// The size in bytes at which the file is rotated; the file that was rotated before is deleted.
    static let fileLimit = 10 * 1024 * 1024
    /// The number of newest lines that are kept in memory.
    static let ringLimit = 1_000

    private struct State {
        var descriptor: Int32 = -1
        var size = 0
        var last = 0
        var ring: [LocalAppLog.Line] = []
        var secrets: [Secret] = []
    }

    private let folder: AppFolder
    private let fileLimit: Int
    private let state: Mutex<State>

    /// Opens the log of an app and continues its numbering.
    init(_ folder: AppFolder, fileLimit: Int = AppLog.fileLimit) {
        self.folder = folder
        self.fileLimit = fileLimit
        var state = State()
        let page = Self.read(folder, count: Self.ringLimit, after: 0)
        state.last = page.last
        state.ring = page.lines
        self.state = Mutex(state)
    }

    deinit { self.state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } } }

    /// Removes a secret from everything that is written from now on.
    func conceal(_ secret: Secret) { self.state.withLock { $0.secrets.append(secret) } }

    /// Forgets a secret that is no longer valid.
    func reveal(_ secret: Secret) {
        self.state.withLock { state in
            if let index = state.secrets.firstIndex(of: secret) { state.secrets.remove(at: index) }
        }
    }

    /// Adds a text; each of its lines becomes a line of the log.
    func append(_ stream: LocalAppLog.Stream, _ text: String, deployment: String, at time: Date = Date()) {
        for part in text.splitExactly(at: "\n", omittingEmptySubsequences: false) {
            self.state.withLock { self.append(stream, String(part), deployment, time, &$0) }
        }
    }

    private func append(
        _ stream: LocalAppLog.Stream, _ text: String, _ deployment: String, _ time: Date, _ state: inout State
    ) {
        var text = text
        for secret in state.secrets {
            secret.withUnsafeValue { text = Redaction.replacing($0, in: text) }
        }
        // The file's last number is what is written there.
        state.last = state.last == .max ? .max : state.last + 1
        // As the file has it, in milliseconds.
        let time = Date(timeIntervalSince1970: (time.timeIntervalSince1970 * 1_000).rounded(.down) / 1_000)
        let line = LocalAppLog.Line(
            number: state.last, time: time, stream: stream, deployment: deployment, text: text)
        state.ring.append(line)
        if state.ring.count >= 2 * Self.ringLimit { state.ring.removeFirst(Self.ringLimit) }
        guard var data = try? LocalAppLog.encoder.encode(line) else { return }
        data.append(UInt8(ascii: "\n"))
        self.write(data, &state)
    }

    /// Writes a line; if the disk is full, only the line is lost.
    private func write(_ line: Data, _ state: inout State) {
        var data = line
        if state.descriptor >= 0, state.size + data.count > self.fileLimit {
            close(state.descriptor)
            state.descriptor = -1
            rename(self.folder.logFile, self.folder.olderLogFile)
        }
        if state.descriptor < 0 {
            state.descriptor = OwnFile.open(self.folder.logFile, O_RDWR | O_CREAT | O_APPEND)
            guard state.descriptor >= 0 else { return }
            state.size = max(0, Int(lseek(state.descriptor, 0, SEEK_END)))
            var last = UInt8(ascii: "\n")
            if state.size > 0, pread(state.descriptor, &last, 1, off_t(state.size - 1)) == 1, last != UInt8(ascii: "\n")
            {
                // A kill has cut a line short; this one is not to go with it.
                data.insert(UInt8(ascii: "\n"), at: 0)
            }
        }
        let count = data.withUnsafeBytes { Foundation.write(state.descriptor, $0.baseAddress, $0.count) }
        state.size += max(0, count)
    }

    /// The number of the newest line.
    var last: Int { self.state.withLock { $0.last } }

    /// The last output lines of one deployment's processes, without the workspace's own messages.
    ///
    /// Up to half of them are from standard error, where the cause of an end is: the two streams are read apart, so
    /// that its last line may have come in before much that the app had said earlier.
    func lastLines(_ count: Int, of deployment: String, after number: Int) -> [String] {
        let ring = self.state.withLock { $0.ring }
        let lines = ring.filter { $0.number > number && $0.deployment == deployment && $0.stream != .system }
        let last = lines.suffix(count)
        let errors = lines.filter { $0.stream == .standardError }.suffix(count / 2)
        let earlier = errors.filter { error in last.first.map { error.number < $0.number } ?? false }
        return (earlier + last.dropFirst(earlier.count)).map(\.text)
    }

    /// The last lines after a number.
    func tail(count: Int, after number: Int) -> LocalAppLog.Page {
        let (ring, last) = self.state.withLock { ($0.ring, $0.last) }
        // `number` is the caller's: any that there is.
        let next = number == .max ? .max : number + 1
        let isComplete = ring.first.map { $0.number <= next || ring.count >= count } ?? true
        guard isComplete else { return Self.read(self.folder, count: count, after: number) }
        return LocalAppLog.Page(lines: Array(ring.filter { $0.number > number }.suffix(count)), last: last)
    }

    /// Reads the last lines from the files.
    static func read(_ folder: AppFolder, count: Int, after number: Int) -> LocalAppLog.Page {
        var lines: [LocalAppLog.Line] = []
        var last = 0
        let decoder = LocalAppLog.decoder
        // The older file only when the newer one is not enough.
        for path in [folder.logFile, folder.olderLogFile] {
            guard lines.count < count, let data = try? OwnFile.read(path) else { continue }
            var older: [LocalAppLog.Line] = []
            for bytes in data.split(separator: UInt8(ascii: "\n")).reversed() {
                if lines.count + older.count >= count { break }
                // A line that a kill cut short is none.
                guard let line = try? decoder.decode(LocalAppLog.Line.self, from: Data(bytes)) else { continue }
                last = max(last, line.number)
                if line.number <= number { break }
                older.append(line)
            }
            lines.insert(contentsOf: older.reversed(), at: 0)
        }
        return LocalAppLog.Page(lines: lines, last: max(last, number))
    }
}
