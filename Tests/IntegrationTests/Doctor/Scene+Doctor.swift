//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Lakebase
import LakebaseDoctor
import LakebaseLocal
import Logging
import Synchronization
import Testing

extension Scene {
    /// What the doctor finds with the environment of an identity.
    func doctor(
        _ identity: LocalLakebase.Identity = .app, changes: [String: String?] = [:],
        options: Doctor.Options = .init(), transport: (any HTTPTransport)? = nil,
        onBegin: @Sendable (DoctorStep) -> Void = { _ in }
    ) async -> DoctorReport {
        await Doctor(
            environment: self.stack.environment(identity, changes), options: options, transport: transport,
            logger: quietLogger
        ).examine(onBegin: onBegin)
    }
}

extension DoctorReport {
    func verdict(_ step: DoctorStep) -> CheckResult.Verdict? { self[step]?.verdict }

    func problem(_ step: DoctorStep) -> LakebaseProblem? { self[step]?.result.problem }

    /// Everything that was said, for the messages of tests.
    var told: Comment {
        let text = DoctorText(colours: false, isVerbose: true)
        return "\(self.checks.flatMap { text.lines($0) }.joined(separator: "\n"))"
    }

    /// Steps that are neither ok nor without anything to look at.
    var troubled: [DoctorStep] {
        self.checks.filter { $0.verdict == .failure || $0.verdict == .warning || $0.result.blockedBy != nil }
            .map(\.step)
    }
}

/// Sends on, and tells the time by a clock that is wrong.
struct WrongClock: HTTPTransport {
    var ahead: TimeInterval
    private let inner = AsyncHTTPClientTransport(environment: [:])

    init(ahead: TimeInterval) { self.ahead = ahead }

    func send(_ request: TransportRequest, maximumBody: Int) async throws(DatabricksError) -> TransportResponse {
        var answer = try await self.inner.send(request, maximumBody: maximumBody)
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        answer.headers.removeAll { $0.name.lowercased() == "date" }
        answer.headers.append(("Date", formatter.string(from: Date() + self.ahead)))
        return answer
    }
}
