//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A list that a service returns in pages, as one sequence.
///
/// Each page is fetched when it is needed.
public struct PagedSequence<Element: Sendable>: AsyncSequence, Sendable {
    typealias Page = (items: [Element], nextToken: String?)

    let fetch: @Sendable (_ token: String?) async throws(DatabricksError) -> Page

    /// Begins at the first page.
    public func makeAsyncIterator() -> Iterator { Iterator(fetch: self.fetch) }

    /// All elements, of all pages.
    public func all() async throws(DatabricksError) -> [Element] {
        var iterator = self.makeAsyncIterator()
        var elements: [Element] = []
        while let element = try await iterator.nextElement() { elements.append(element) }
        return elements
    }

    /// Iterates over the pages.
    public struct Iterator: AsyncIteratorProtocol {
        let fetch: @Sendable (_ token: String?) async throws(DatabricksError) -> Page
        private var buffer: ArraySlice<Element> = []
        private var next: String?
        private var isStarted = false
        private var seen: Set<String> = []

        init(fetch: @escaping @Sendable (_ token: String?) async throws(DatabricksError) -> Page) { self.fetch = fetch }

        /// The next element, nil after the last.
        public mutating func next() async throws -> Element? { try await self.nextElement() }

        mutating func nextElement() async throws(DatabricksError) -> Element? {
            while self.buffer.isEmpty {
                guard !self.isStarted || self.next != nil else { return nil }
                let page = try await self.fetch(self.next)
                self.isStarted = true
                self.buffer = page.items[...]
                self.next = page.nextToken.flatMap { $0.isEmpty ? nil : $0 }
                if let token = self.next, !self.seen.insert(token).inserted {
                    throw DatabricksError(
                        code: .invalidResponse, message: "the service keeps returning the same page of a list")
                }
            }
            return self.buffer.popFirst()
        }
    }
}
