//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
import ExactText
internal import Logging
internal import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Sends requests until one is answered, within the limits of a policy.
struct HTTPSender: Sendable {
    var transport: any HTTPTransport
    var policy: RetryPolicy
    var logger: Logger
    /// The maximum size of an answer: 16 MiB.
    var maximumBody = 16 << 20
    /// Replaced in tests.
    var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0.bounded) }
    /// The time since a fixed start.
    ///
    /// Replaced in tests together with `pause`.
    var now: @Sendable () -> Duration = { HTTPSender.start.duration(to: .now) }
    /// A number from 0 to 1.
    ///
    /// Replaced in tests.
    var jitter: @Sendable () -> Double = { Double.random(in: 0..<1) }

    private static let start = ContinuousClock.now

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - request: The request, but for its credentials.
    ///   - operation: Method and path, for errors and logs.
    ///   - isRepeatable: Whether doing it twice is the same as doing it once.
    ///   - credentials: Gives the headers for each attempt.
    ///   - secrets: Further texts to remove from errors, besides the headers.
    /// - Returns: An answer with a status from 200 to 299.
    func send(
        _ request: TransportRequest,
        operation: String,
        isRepeatable: Bool,
        credentials: (any CredentialsProvider)? = nil,
        masking secrets: [Secret] = []
    ) async throws(DatabricksError) -> TransportResponse {
        let start = self.now()
        var attempt = 0
        var refusal: DatabricksError?
        while true {
            attempt += 1
            var error: DatabricksError
            let failure: RetryPolicy.Failure
            let remaining = self.policy.totalLimit - (self.now() - start)
            let signed = try await self.signed(request, by: credentials, within: remaining, operation: operation)
            let limit = min(self.policy.attemptLimit, self.policy.totalLimit - (self.now() - start))
            switch await self.attempt(signed, within: limit) {
            case .success(let answer) where (200..<300).contains(answer.status):
                self.log(operation, attempt: attempt, outcome: "\(answer.status)")
                return answer
            case .success(let answer):
                error = ErrorParser.error(from: answer, operation: operation)
                    .masking(Array(signed.secretHeaders.values) + secrets)
                if answer.status == 401 { credentials?.refused(signed.secretHeaders) }
                refusal = error
                failure = .status(answer.status, retryAfter: error.retryAfter)
            case .failure(let thrown):
                error = thrown
                error.operation = operation
                failure = thrown.retryFailure
            }
            self.log(operation, attempt: attempt, outcome: "\(error.httpStatus.map { "\($0)" } ?? "\(error.code)")")
            let verdict = self.policy.verdict(
                after: failure, attempt: attempt, elapsed: self.now() - start, isRepeatable: isRepeatable,
                jitter: self.jitter()
            )
            switch verdict {
            case .giveUp:
                // The service's repeated answer says more than that the call's limit ended the last attempt. Not where
                // that attempt may have done something.
                if isRepeatable, error.code == .deadlineExceeded, let refusal {
                    error = refusal
                    error.message += " (the last attempt had no answer before the call's limit)"
                }
                if attempt > 1 { error.message += " (after \(attempt) attempts)" }
                throw error
            case .retry(let pause):
                do { try await self.pause(pause) } catch { throw DatabricksError.cancelledCall(operation) }
            }
        }
    }

    private func signed(
        _ request: TransportRequest, by credentials: (any CredentialsProvider)?, within limit: Duration,
        operation: String
    ) async throws(DatabricksError) -> TransportRequest {
        guard let credentials else { return request }
        var signed = request
        do {
            let headers = try await withDeadline(limit) { try await credentials.headers() }
            signed.secretHeaders.merge(headers) { $1 }
        } catch let error as DatabricksError {
            throw error
        } catch is DeadlineExceeded {
            throw DatabricksError(
                code: .deadlineExceeded,
                message: "no credentials within the limit of the call; \(credentials.explanation)", operation: operation
            )
        } catch {
            throw DatabricksError.cancelledCall(operation)
        }
        return signed
    }

    private func attempt(_ request: TransportRequest, within limit: Duration) async -> Result<
        TransportResponse, DatabricksError
    > {
        do {
            let (transport, maximumBody) = (self.transport, self.maximumBody)
            return .success(
                try await withDeadline(limit) { try await transport.send(request, maximumBody: maximumBody) }
            )
        } catch let error as DatabricksError {
            return .failure(error)
        } catch is DeadlineExceeded {
            let seconds = (limit.timeInterval * 1_000).rounded() / 1_000
            return .failure(DatabricksError(code: .deadlineExceeded, message: "no complete answer within \(seconds) s"))
        } catch {
            return .failure(DatabricksError(code: .cancelled, message: "the call was cancelled"))
        }
    }

    private func log(_ operation: String, attempt: Int, outcome: @autoclosure () -> String) {
        self.logger.debug(
            "Databricks call",
            metadata: [
                "databricks.operation": "\(operation)", "databricks.attempt": "\(attempt)",
                "databricks.outcome": "\(outcome())",
            ]
        )
    }
}

extension DatabricksError {
    static func cancelledCall(_ operation: String) -> DatabricksError {
        DatabricksError(code: .cancelled, message: "the call was cancelled", operation: operation)
    }

    /// The transport error as a failure for the retry policy.
    var retryFailure: RetryPolicy.Failure {
        switch self.code {
        case .connectionFailed where self.isCertificateRefused || self.isRefusedByProxy: .final
        case .connectionFailed: self.wasNeverSent ? .notConnected : .broken
        case .deadlineExceeded: .broken
        default: .final
        }
    }

    /// Removes secrets that a service has repeated in its error.
    ///
    /// - Parameter secrets: Values of headers; of `Bearer x` also `x` alone.
    func masking(_ secrets: some Sequence<Secret>) -> DatabricksError {
        var masked = self
        for secret in secrets {
            let whole = secret.withUnsafeValue { $0 }
            let bare = whole.split(separator: " ", maxSplits: 1).last.map(String.init) ?? whole
            for text in [whole, bare] where text.utf8.count >= 4 {
                masked.message = masked.message.replacingExactly(text, with: "<redacted>")
                masked.errorCode = masked.errorCode?.replacingExactly(text, with: "<redacted>")
                masked.requestID = masked.requestID?.replacingExactly(text, with: "<redacted>")
                masked.details = masked.details.map { $0.replacing(text) }
            }
        }
        return masked
    }
}

extension JSONValue {
    fileprivate func replacing(_ secret: String) -> JSONValue {
        switch self {
        case .null, .boolean, .integer, .number: self
        case .string(let text): .string(text.replacingExactly(secret, with: "<redacted>"))
        case .array(let items): .array(items.map { $0.replacing(secret) })
        case .object(let members):
            .object(
                Dictionary(
                    members.map { ($0.key.replacingExactly(secret, with: "<redacted>"), $0.value.replacing(secret)) },
                    uniquingKeysWith: { first, _ in first }
                )
            )
        }
    }
}
