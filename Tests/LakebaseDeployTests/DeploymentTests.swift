//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseDeploy
import Testing

@Suite struct DeploymentTests {}
