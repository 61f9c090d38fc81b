//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// How processes of apps are treated.
package struct AppPolicy: Sendable {
    /// How long a process may take until it listens on its port, and how long the installation before it may take.
    package var startLimit: Duration = .seconds(600)
    /// Whether each app may use the platform's port, where the system can redirect it.
    package var redirectsPorts = true
    /// The cache folder of installed packages, which outlives the workspace; `nil` for the user's own.
    package var cacheFolder: String?
    /// How long a process has between SIGTERM and SIGKILL.
    ///
    /// Source: Databricks, "Best practices for Databricks Apps".
    package var stopGrace: Duration = .seconds(15)
    /// A process that ended this often in a row is not started again.
    package var restartLimit = 5
    /// The wait before the first restart; each next one is twice as long.
    package var firstWait: Duration = .seconds(1)
    /// A process that ran for this long resets the count of ends.
    package var steady: Duration = .seconds(60)

    /// How long an app may take until it starts to answer a request.
    package var answerLimit: Duration = .seconds(120)
    /// The maximum number of concurrent requests to an app; more are refused.
    package var requestLimit = 512

    package init() {}
}
