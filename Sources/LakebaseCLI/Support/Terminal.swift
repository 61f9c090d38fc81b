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

/// What the command writes to its standard streams.
///
/// A line of progress on the terminal is erased before anything else is written.
enum Terminal {
    /// Standard output cannot be written.
    struct WriteFailure: Error, CustomStringConvertible {
        var code: Int32

        var description: String {
            "standard output cannot be written: \(String(cString: strerror(self.code)))"
        }
    }

    /// Whether standard error is a terminal that can go back to the beginning of a line.
    static var showsProgress: Bool {
        isatty(STDERR_FILENO) != 0 && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    /// Writes an error: a command throws its own, and the main function calls this.
    static func error(_ text: String) {
        self.tell("\(self.label("lakebase:", STDERR_FILENO)) \(PlainText.onTerminal(text))\n")
    }

    static func note(_ text: String) { self.tell(PlainText.onTerminal(text) + "\n") }

    /// Asks a question, with the answer to be typed after it.
    static func ask(_ text: String) { self.tell(PlainText.onTerminal(text)) }

    private static func tell(_ text: String) {
        self.hasProgress.withLock { hasProgress in
            self.erase(&hasProgress)
            _ = self.write(Array(text.utf8), STDERR_FILENO)
        }
    }

    // MARK: Progress

    /// Whether the terminal shows a line of progress.
    ///
    /// Held while standard error is written, so that two lines never mix.
    private static let hasProgress = Mutex<Bool>(false)
    private static let erasing = Array("\r\u{1B}[K".utf8)

    /// Shows a line on the terminal in place of the one before; it is erased before anything else is written.
    static func progress(_ text: String) {
        // A line wider than the terminal wraps, and its first part could not be erased.
        let line = PlainText.onTerminal(text).prefix(max(self.width - 1, 1))
        self.hasProgress.withLock { hasProgress in
            _ = self.write(self.erasing + Array(line.utf8), STDERR_FILENO)
            hasProgress = true
        }
    }

    /// Erases the line of progress, if there is one.
    static func eraseProgress() { self.hasProgress.withLock { self.erase(&$0) } }

    private static func erase(_ hasProgress: inout Bool) {
        if hasProgress { _ = self.write(self.erasing, STDERR_FILENO) }
        hasProgress = false
    }

    private static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return Int(size.ws_col)
    }

    // MARK: Standard output

    private static let hasLostOutput = Atomic<Bool>(false)

    /// The exit status of a command that succeeded: 1 if standard output could not be written, which was reported then.
    static var exitStatus: Int32 { self.hasLostOutput.load(ordering: .relaxed) ? 1 : 0 }

    /// Writes results.
    ///
    /// A reader that closed the pipe is no error. Any other failure to write is reported once, and the process exits with
    /// ``exitStatus``. The command continues, because half-done work is worse.
    static func output(_ text: String) { self.give(PlainText.onTerminal(text)) }

    /// Writes results in colour.
    static func output(coloured text: String) { self.give(PlainText.onTerminal(text, keepsColours: true)) }

    /// Writes a message that is no result to standard output: a failure to write is reported and does not change the exit status.
    static func words(_ text: String) {
        let code = self.write(PlainText.onTerminal(text) + "\n")
        if code != 0, code != EPIPE { self.error("\(WriteFailure(code: code))") }
    }

    private static func give(_ text: String) {
        let code = self.write(text + "\n")
        guard code != 0, code != EPIPE else { return }
        let wasLost = self.hasLostOutput.exchange(true, ordering: .relaxed)
        if !wasLost { self.error("\(WriteFailure(code: code))") }
    }

    /// Writes a result that another program reads, with a failure to write as an error.
    static func deliver(_ text: String) throws(WriteFailure) {
        let code = self.write(text + "\n")
        if code != 0 { throw WriteFailure(code: code) }
    }

    /// Writes bytes that another program reads, unchanged, with a failure to write as an error.
    static func deliver(bytes: [UInt8]) throws(WriteFailure) {
        let code = self.writeOutput(bytes)
        if code != 0 { throw WriteFailure(code: code) }
    }

    /// Whether standard output is a terminal with colours.
    static var coloursOutput: Bool { self.hasColours(STDOUT_FILENO) }

    private static func hasColours(_ descriptor: Int32) -> Bool {
        isatty(descriptor) != 0 && getenv("NO_COLOR") == nil && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    private static func label(_ text: String, _ descriptor: Int32) -> String {
        self.hasColours(descriptor) ? "\u{1B}[31m\(text)\u{1B}[0m" : text
    }

    // MARK: Writing

    private static func write(_ text: String) -> Int32 { self.writeOutput(Array(text.utf8)) }

    private static func writeOutput(_ bytes: [UInt8]) -> Int32 {
        self.eraseProgress()
        return self.write(bytes, STDOUT_FILENO)
    }

    /// Writes without a buffer, so that the reader of a pipe gets each line at once.
    ///
    /// - Returns: 0, or the `errno` of the failure.
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
