//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseError {
    static func usersShutDown() -> LakebaseError {
        LakebaseError(.shutDown, "the clients of the app's users are shut down")
    }

    static func noForwardedToken() -> LakebaseError {
        LakebaseError(
            .identityRejected, "the request has no access token of its sender",
            remedy: "turn on user authorization for the app, so that the platform forwards X-Forwarded-Access-Token")
    }

    static func usersQueueFull(_ statistics: LakebaseClientPool.Statistics) -> LakebaseError {
        LakebaseError(
            .queueFull, "too many requests wait for a client of their user: \(statistics)",
            remedy: "raise maximumUsers or shed load")
    }

    static func usersTimedOut(
        after timeout: Duration, _ statistics: LakebaseClientPool.Statistics, isRunning: Bool
    ) -> LakebaseError {
        LakebaseError(
            .timedOut, "no client became free for another user within \(timeout): \(statistics)",
            remedy: isRunning
                ? "hold clients for less time or raise maximumUsers"
                : "nothing is closed before run() is called: call it, for example by making LakebaseClientPool part of a ServiceGroup"
        )
    }
}
