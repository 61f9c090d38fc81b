//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

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
            "standard output cannot be written: \(String(cString: strerror(self.code))); "
                + "keep its reader until the line is there, or use --env-file"
        }
    }

    /// Whether people read standard error directly, on a terminal that can go back to the beginning of a line.
    static var showsProgress: Bool {
        isatty(STDERR_FILENO) != 0 && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    static func error(_ text: String) {
        _ = self.write("\(self.label("lakebase:", STDERR_FILENO)) \(text)\n", STDERR_FILENO)
    }

    static func note(_ text: String) { _ = self.write(text + "\n", STDERR_FILENO) }

    /// Asks people something, with the answer to be typed behind it.
    static func ask(_ text: String) { _ = self.write(text, STDERR_FILENO) }

    /// Replaces the last line on standard error by this one, which the next may replace; an empty one clears it.
    static func progress(_ text: String) { _ = self.write("\r\u{1B}[K\(text)", STDERR_FILENO) }

    /// Writes for people: a reader that went away is no error of ours.
    static func output(_ text: String) { _ = self.write(text + "\n", STDOUT_FILENO) }

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

    /// Unbuffered, so that whoever reads a pipe sees each line at once.
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
