//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Runs `body` and cancels it when its time is over.
///
/// - Returns: Nil when it took longer.
func within<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async -> Value
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await body() }
        group.addTask {
            try? await Task.sleep(for: max(limit, .zero))
            return nil
        }
        defer { group.cancelAll() }
        return await group.next() ?? nil
    }
}
