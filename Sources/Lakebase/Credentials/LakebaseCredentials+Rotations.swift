//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseCredentials {
    /// The passwords of a database, in the order in which they are minted.
    public struct Rotations: AsyncSequence, Sendable {
        /// A password with its times.
        public typealias Element = LakebaseCredentials.Credential
        /// The sequence never fails: a failed mint is retried.
        public typealias Failure = Never

        let provider: Provider

        /// Begins with the current password, which is minted if there is none.
        public func makeAsyncIterator() -> Iterator { Iterator(provider: self.provider) }

        /// The position of one reader of the sequence.
        public struct Iterator: AsyncIteratorProtocol {
            let provider: Provider
            var last: LakebaseCredentials.Credential?

            init(provider: Provider) { self.provider = provider }

            /// The next password; nil when the task is cancelled, and after a fixed password.
            public mutating func next() async -> LakebaseCredentials.Credential? {
                await self.next(isolation: #isolation)
            }

            /// The next password; nil when the task is cancelled, and after a fixed password.
            public mutating func next(isolation actor: isolated (any Actor)?) async -> LakebaseCredentials.Credential? {
                switch self.provider {
                case .fixed(let credential):
                    guard self.last == nil else { return nil }
                    self.last = credential
                    return credential
                case .minted(let credentials, _):
                    guard let next = await credentials.next(after: self.last?.minted) else { return nil }
                    self.last = LakebaseCredentials.Credential(next)
                    return self.last
                }
            }
        }
    }
}
