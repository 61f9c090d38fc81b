//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What the command writes for people.
enum Terminal {
    /// Standard output takes no more.
    struct WriteFailure: Error, CustomStringConvertible {
        var code: Int32

        var description: String {
            "standard output cannot be written: \(String(cString: strerror(self.code)))"
        }
    }

    /// Whether people read standard error directly, on a terminal that can go back to the beginning of a line.
    static var showsProgress: Bool {
        isatty(STDERR_FILENO) != 0 && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    static func error(_ text: String) {
        _ = self.write("\(self.label("lakebase:", STDERR_FILENO)) \(PlainText.onTerminal(text))\n", STDERR_FILENO)
    }

    static func note(_ text: String) { _ = self.write(PlainText.onTerminal(text) + "\n", STDERR_FILENO) }

    /// Asks people something, with the answer to be typed behind it.
    static func ask(_ text: String) { _ = self.write(PlainText.onTerminal(text), STDERR_FILENO) }

    /// Replaces the last line on standard error by this one, which the next may replace; an empty one clears it.
    static func progress(_ text: String) { _ = self.write("\r\u{1B}[K\(PlainText.onTerminal(text))", STDERR_FILENO) }

    // MARK: Standard output

    private static let hasLostOutput = Atomic<Bool>(false)

    /// What the process exits with when all else went well: 1 when standard output could not be written, which was said then.
    static var exitStatus: Int32 { self.hasLostOutput.load(ordering: .relaxed) ? 1 : 0 }

    /// Writes results.
    ///
    /// A reader that went away is no error of ours. Everything else that keeps them from being written is said, once, and the
    /// process ends with ``exitStatus``; the work goes on, for half of it done helps nobody.
    static func output(_ text: String) { self.give(PlainText.onTerminal(text)) }

    /// Writes results in colour.
    static func output(coloured text: String) { self.give(PlainText.onTerminal(text, keepsColours: true)) }

    /// Writes words for people to standard output that are no result: should they be lost, that is said and the status stays.
    static func words(_ text: String) {
        let code = self.write(PlainText.onTerminal(text) + "\n", STDOUT_FILENO)
        if code != 0, code != EPIPE { self.error("\(WriteFailure(code: code))") }
    }

    private static func give(_ text: String) {
        let code = self.write(text + "\n", STDOUT_FILENO)
        guard code != 0, code != EPIPE else { return }
        let wasLost = self.hasLostOutput.exchange(true, ordering: .relaxed)
        if !wasLost { self.error("\(WriteFailure(code: code))") }
    }

    /// Writes what another program waits for.
    static func deliver(_ text: String) throws(WriteFailure) {
        let code = self.write(text + "\n", STDOUT_FILENO)
        if code != 0 { throw WriteFailure(code: code) }
    }

    /// Writes what another program may wait for, as it is.
    static func deliver(bytes: [UInt8]) throws(WriteFailure) {
        let code = self.write(bytes, STDOUT_FILENO)
        if code != 0 { throw WriteFailure(code: code) }
    }

    /// Whether people read standard output directly, in colour.
    static var coloursOutput: Bool { self.hasColours(STDOUT_FILENO) }

    private static func hasColours(_ descriptor: Int32) -> Bool {
        isatty(descriptor) != 0 && getenv("NO_COLOR") == nil && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    private static func label(_ text: String, _ descriptor: Int32) -> String {
        self.hasColours(descriptor) ? "\u{1B}[31m\(text)\u{1B}[0m" : text
    }

    // MARK: Writing

    /// Unbuffered, so that the reader of a pipe sees each line at once.
    ///
    /// - Returns: 0, or the `errno` that kept some of it from being written.
    private static func write(_ text: String, _ descriptor: Int32) -> Int32 {
        self.write(Array(text.utf8), descriptor)
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32) -> Int32 {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno }
            bytes = bytes.dropFirst(count)
        }
        return 0
    }
}

#if canImport(Glibc)
let systemWrite = Glibc.write
#elseif canImport(Darwin)
let systemWrite = Darwin.write
#endif
