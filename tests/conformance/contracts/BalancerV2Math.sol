// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.7.6;

import "@balancer-labs/v2-pool-weighted/contracts/WeightedMath.sol";
import "@balancer-labs/v2-solidity-utils/contracts/math/FixedPoint.sol";

/// The mathematics of Balancer v2's weighted pools, callable.
contract BalancerV2Math is WeightedMath {
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
        return _calculateInvariant(weights, balances);
    }

    function outGivenIn(uint256 balanceIn, uint256 weightIn, uint256 balanceOut, uint256 weightOut, uint256 amount)
        external
        pure
        returns (uint256)
    {
        return _calcOutGivenIn(balanceIn, weightIn, balanceOut, weightOut, amount);
    }

    function inGivenOut(uint256 balanceIn, uint256 weightIn, uint256 balanceOut, uint256 weightOut, uint256 amount)
        external
        pure
        returns (uint256)
    {
        return _calcInGivenOut(balanceIn, weightIn, balanceOut, weightOut, amount);
    }

    function bptOutGivenExactTokensIn(
        uint256[] calldata balances,
        uint256[] calldata weights,
        uint256[] calldata amounts,
        uint256 supply,
        uint256 fee
    ) external pure returns (uint256) {
        return _calcBptOutGivenExactTokensIn(balances, weights, amounts, supply, fee);
    }

    function bptInGivenExactTokensOut(
        uint256[] calldata balances,
        uint256[] calldata weights,
        uint256[] calldata amounts,
        uint256 supply,
        uint256 fee
    ) external pure returns (uint256) {
        return _calcBptInGivenExactTokensOut(balances, weights, amounts, supply, fee);
    }

    function tokenInGivenExactBptOut(uint256 balance, uint256 weight, uint256 amount, uint256 supply, uint256 fee)
        external
        pure
        returns (uint256)
    {
        return _calcTokenInGivenExactBptOut(balance, weight, amount, supply, fee);
    }

    function tokenOutGivenExactBptIn(uint256 balance, uint256 weight, uint256 amount, uint256 supply, uint256 fee)
        external
        pure
        returns (uint256)
    {
        return _calcTokenOutGivenExactBptIn(balance, weight, amount, supply, fee);
    }
}
