//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// Checks of options that several commands share.
enum OptionCheck {
    /// Refuses options with an empty value, such as `--branch ""`.
    static func values(_ options: KeyValuePairs<String, String?>, need what: String = "a name") throws {
        for (option, value) in options where value?.isEmpty == true { throw ValidationError("\(option) needs \(what)") }
    }

    /// Refuses more than one of several options.
    ///
    /// - Parameter reason: What follows the names of the two that were given.
    static func atMostOne(_ options: KeyValuePairs<String, Bool>, _ reason: String) throws {
        let given = options.filter(\.value).map(\.key)
        guard given.count <= 1 else { throw ValidationError("\(given.joined(separator: " and ")) \(reason)") }
    }
}
