//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The answer to a question on a terminal.
enum TypedLine {
    /// Waits for a line on standard input, and returns it without its end; empty at the end of the input.
    ///
    /// `readLine()` by itself blocks its thread, and Ctrl-C at a question would have no effect where signals are trapped.
    ///
    /// - Throws: `CancellationError`.
    static func read() async throws -> String {
        while true {
            try Task.checkCancellation()
            // A terminal has something to read once the whole line is typed.
            var wait = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            if poll(&wait, 1, 0) != 0 { return readLine() ?? "" }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
