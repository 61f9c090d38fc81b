//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Everything a program could print of a value.
func everythingPrintable(of value: Any) -> String {
    var dumped = ""
    dump(value, to: &dumped)
    var parts = [dumped, "\(value)", String(describing: value), String(reflecting: value)]
    func walk(_ value: Any, _ depth: Int) {
        guard depth < 12 else { return }
        for child in Mirror(reflecting: value).children {
            parts.append("\(child.label ?? "") \(child.value) \(String(reflecting: child.value))")
            walk(child.value, depth + 1)
        }
    }
    walk(value, 0)
    return parts.joined(separator: "\n")
}
