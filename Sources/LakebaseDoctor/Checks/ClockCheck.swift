//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase

/// Compares the workspace's clock, from the `Date` header of an answer, with this machine's.
struct ClockCheck: Sendable, Equatable {
    /// How many seconds the workspace's clock is ahead of this machine's.
    var ahead: Double
    /// The possible error of ``ahead``: half a second of rounding and half the round-trip time.
    var uncertainty: Double

    /// The largest difference that does no harm: credentials are renewed two minutes ahead.
    static let tolerance = 60.0
    /// The lifetime of a credential (Databricks: Authentication in Lakebase), less what is left when it is renewed.
    static let harmful = 3480.0

    var finding: CheckResult {
        guard self.ahead.isFinite else {
            return .notNeeded("the workspace's answer has an impossible time")
        }
        let surely = max(0, abs(self.ahead) - self.uncertainty)
        let seconds = Self.text(abs(self.ahead))
        guard surely > Self.tolerance else {
            return .ok(
                surely < 1
                    ? "the clocks agree, as exactly as an HTTP date tells"
                    : "this machine's clock is \(seconds) \(self.ahead > 0 ? "behind" : "ahead"), which does no harm")
        }
        let text =
            "this machine's clock is \(seconds) \(self.ahead > 0 ? "behind" : "ahead of") the workspace's"
        let harm =
            self.ahead > 0
            ? "what has expired there seems to be valid here"
            : "a new credential seems to expire sooner than it does, or to have expired"
        return .problem(
            surely > Self.harmful ? .failure : .warning, .credentialExpired, text, evidence: [harm],
            remedy: "set this machine's clock", command: "timedatectl set-ntp true",
            requiredRole: "an administrator of this machine")
    }

    private static func text(_ seconds: Double) -> String {
        if seconds >= 1e9 { return "decades" }
        let whole = Int(seconds.rounded())
        if whole >= 7200 { return "\(whole / 3600) h" }
        return whole >= 120 ? "\(whole / 60) min" : "\(whole) s"
    }
}
