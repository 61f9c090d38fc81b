//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Hummingbird
import Lakebase
import LakebaseHummingbird

/// What the app knows about a request.
struct NotesContext: ForwardedIdentityRequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who sent it, by the platform's word.
    var forwardedIdentity: ForwardedIdentity?
    /// What a form of this visitor has to bring.
    var formToken = ""
    /// Marks the scripts and styles of this answer that are the app's own.
    let nonce = RandomText.hexadecimal(bytes: 16)

    init(source: ApplicationRequestContextSource) { self.coreContext = .init(source: source) }
}

/// Text that nobody can guess.
enum RandomText {
    static func hexadecimal(bytes: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<bytes).map { _ in
            let text = String(UInt8.random(in: 0...255, using: &generator), radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
