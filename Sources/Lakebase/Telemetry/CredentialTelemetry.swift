//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Metrics
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The metrics of a client's database credentials.
final class CredentialTelemetry: Sendable {
    /// The interval at which ages are reported.
    static let interval = Duration.seconds(5)

    private let maker: MetricMaker
    private let pool: MetricMaker.Attribute
    private let age: Meter
    private let timeToExpiry: Meter
    private let refreshDuration: Timer
    /// By the type of the failure.
    private let failures = Mutex<[String: Counter]>([:])

    init(_ maker: MetricMaker, poolName: String) {
        let names = maker.configuration.metrics
        self.maker = maker
        self.pool = (maker.configuration.attributes.poolName, poolName)
        self.age = maker.meter(names.credentialAge, [self.pool], unit: "s")
        self.timeToExpiry = maker.meter(names.credentialTimeToExpiry, [self.pool], unit: "s")
        self.refreshDuration = maker.timer(names.credentialRefreshDuration, [self.pool])
    }

    /// Reports that a credential was minted.
    func minted(since begin: ContinuousClock.Instant, mintedAt: Date, expiresAt: Date) {
        // The cache refuses such a credential.
        guard expiresAt > mintedAt else { return self.failed(FailureLabels(type: "expired")) }
        self.refreshDuration.recordNanoseconds(begin.duration(to: .now).nanoseconds)
        self.tell(mintedAt: mintedAt, expiresAt: expiresAt, now: mintedAt)
    }

    /// Reports a failed attempt to mint a credential.
    func failed(_ failure: FailureLabels) {
        let counter = self.failures.withLock { failures in
            if let counter = failures[failure.type] { return counter }
            let counter = self.maker.counter(
                self.maker.configuration.metrics.credentialRefreshFailures,
                [self.pool, (self.maker.configuration.attributes.errorType, failure.type)], unit: "{failure}")
            failures[failure.type] = counter
            return counter
        }
        counter.increment()
    }

    /// Reports the credential's age.
    func tell(mintedAt: Date, expiresAt: Date, now: Date) {
        self.age.set(max(0, now.timeIntervalSince(mintedAt)))
        self.timeToExpiry.set(max(0, expiresAt.timeIntervalSince(now)))
    }

    /// Reports the credential's age at intervals until the task is cancelled.
    func run(_ snapshot: @Sendable () -> TokenCacheSnapshot) async {
        while !Task.isCancelled {
            let current = snapshot()
            if let mintedAt = current.mintedAt, let expiresAt = current.expiresAt {
                self.tell(mintedAt: mintedAt, expiresAt: expiresAt, now: Date())
            } else {
                self.timeToExpiry.set(0)
            }
            do { try await Task.sleep(for: Self.interval) } catch { return }
        }
    }
}
