//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
private let setHandler = Glibc.signal
#elseif canImport(Darwin)
import Darwin
private let setHandler = Darwin.signal
#endif

/// What the system does with a signal to this process, and to the programs that it starts.
enum SignalDisposition {
    /// The signals whose disposition this program changes, or may have changed for it by the caller.
    static let changed: [Int32] = [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT]

    /// Those of them that were ignored when this program was started.
    ///
    /// SIGHUP by `nohup`, SIGINT and SIGQUIT for a program in the background of a script. A command that we start ignores them, too, as
    /// if the caller had started it. Read at the first use, which is the start of the program.
    static let ignoredAtStart: Set<Int32> = Set(Self.changed.filter(Self.isIgnored))

    static func ignore(_ number: Int32) { _ = setHandler(number, SIG_IGN) }

    static func restoreDefault(of number: Int32) { _ = setHandler(number, SIG_DFL) }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
        let handler = action.__sigaction_u.__sa_handler
        #else
        let handler = action.__sigaction_handler.sa_handler
        #endif
        // SIG_IGN is a number in the place of a function, and functions are not compared.
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
