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
    /// Whether people read this descriptor directly and want colours.
    static func hasColours(_ descriptor: Int32) -> Bool {
        isatty(descriptor) != 0 && getenv("NO_COLOR") == nil && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    static func error(_ text: String) {
        self.write("\(self.label("lakebase:", STDERR_FILENO)) \(text)\n", STDERR_FILENO)
    }

    static func note(_ text: String) { self.write(text + "\n", STDERR_FILENO) }

    static func output(_ text: String) { self.write(text + "\n", STDOUT_FILENO) }

    private static func label(_ text: String, _ descriptor: Int32) -> String {
        self.hasColours(descriptor) ? "\u{1B}[31m\(text)\u{1B}[0m" : text
    }

    /// Unbuffered, so that whoever reads a pipe sees each line at once.
    ///
    /// A reader that went away is no error of ours.
    private static func write(_ text: String, _ descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

#if canImport(Glibc)
let systemWrite = Glibc.write
#elseif canImport(Darwin)
let systemWrite = Darwin.write
#endif
