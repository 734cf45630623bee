// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.26;

import {FixedPoint} from "@balancer-labs/v3-solidity-utils/contracts/math/FixedPoint.sol";
import {WeightedMath} from "@balancer-labs/v3-solidity-utils/contracts/math/WeightedMath.sol";

/// The mathematics of Balancer v3's weighted pools, callable.
contract BalancerV3Math {
    function mulDown(uint256 a, uint256 b) external pure returns (uint256) {
        return FixedPoint.mulDown(a, b);
    }

    function mulUp(uint256 a, uint256 b) external pure returns (uint256) {
        return FixedPoint.mulUp(a, b);
    }

    function divDown(uint256 a, uint256 b) external pure returns (uint256) {
        return FixedPoint.divDown(a, b);
    }

    function divUp(uint256 a, uint256 b) external pure returns (uint256) {
        return FixedPoint.divUp(a, b);
    }

    function powDown(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.powDown(x, y);
    }

    function powUp(uint256 x, uint256 y) external pure returns (uint256) {
        return FixedPoint.powUp(x, y);
    }

    function invariant(uint256[] calldata weights, uint256[] calldata balances) external pure returns (uint256) {
        return WeightedMath.computeInvariantDown(weights, balances);
    }

    function invariantUp(uint256[] calldata weights, uint256[] calldata balances) external pure returns (uint256) {
        return WeightedMath.computeInvariantUp(weights, balances);
    }

    function balanceOutGivenInvariant(uint256 balance, uint256 weight, uint256 growth) external pure returns (uint256) {
        return WeightedMath.computeBalanceOutGivenInvariant(balance, weight, growth);
    }

    function outGivenIn(uint256 balanceIn, uint256 weightIn, uint256 balanceOut, uint256 weightOut, uint256 amount)
        external
        pure
        returns (uint256)
    {
        return WeightedMath.computeOutGivenExactIn(balanceIn, weightIn, balanceOut, weightOut, amount);
    }

    function inGivenOut(uint256 balanceIn, uint256 weightIn, uint256 balanceOut, uint256 weightOut, uint256 amount)
        external
        pure
        returns (uint256)
    {
        return WeightedMath.computeInGivenExactOut(balanceIn, weightIn, balanceOut, weightOut, amount);
    }
}
