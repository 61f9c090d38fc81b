//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ServiceLifecycle

extension ConnectionPool {
    /// Runs until the task is cancelled, or a graceful shutdown has drained the connections; receives notifications
    /// meanwhile.
    package func runAsService() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.notifications.run() }
            await withGracefulShutdownHandler {
                await self.run()
            } onGracefulShutdown: {
                self.notifications.shutDown()
                self.drain()
            }
            group.cancelAll()
        }
    }
}
