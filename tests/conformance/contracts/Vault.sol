// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.26;

import "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

/// The vault as it is, with an offset of decimals.
contract Vault is ERC4626 {
    uint8 private immutable offset;

    constructor(IERC20 asset, uint8 decimalsOffset) ERC20("Vault", "V") ERC4626(asset) {
        offset = decimalsOffset;
    }

    function _decimalsOffset() internal view override returns (uint8) {
        return offset;
    }
}
