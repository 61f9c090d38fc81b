//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BenchmarkSupport
import Foundation

/// What the system says of this process.
enum ThisProcess {
    /// The path of this program, to run it once more.
    static var program: String { Bundle.main.executablePath ?? CommandLine.arguments[0] }

    /// Seconds of the processor that were used so far.
    static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A number of /proc/self/status in kB, such as `VmRSS` or `VmHWM`.
    static func kilobytes(_ name: String) throws -> Double {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        for line in status.split(separator: "\n") where line.hasPrefix(name + ":") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            if words.count > 1, let number = Double(words[1]) { return number }
        }
        throw ProgramFailure(program: "/proc/self/status", output: "it has no \(name)")
    }
}
