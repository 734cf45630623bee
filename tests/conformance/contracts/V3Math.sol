// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.7.6;

import "@uniswap/v3-core/contracts/libraries/FullMath.sol";
import "@uniswap/v3-core/contracts/libraries/SqrtPriceMath.sol";
import "@uniswap/v3-core/contracts/libraries/SwapMath.sol";
import "@uniswap/v3-core/contracts/libraries/TickMath.sol";

/// The libraries of Uniswap v3, callable.
contract V3Math {
    function mulDiv(uint256 a, uint256 b, uint256 denominator) external pure returns (uint256) {
        return FullMath.mulDiv(a, b, denominator);
    }

    function mulDivRoundingUp(uint256 a, uint256 b, uint256 denominator) external pure returns (uint256) {
        return FullMath.mulDivRoundingUp(a, b, denominator);
    }

    function getSqrtRatioAtTick(int24 tick) external pure returns (uint160) {
        return TickMath.getSqrtRatioAtTick(tick);
    }

    function getTickAtSqrtRatio(uint160 price) external pure returns (int24) {
        return TickMath.getTickAtSqrtRatio(price);
    }

    function getAmount0Delta(uint160 a, uint160 b, uint128 liquidity, bool up) external pure returns (uint256) {
        return SqrtPriceMath.getAmount0Delta(a, b, liquidity, up);
    }

    function getAmount1Delta(uint160 a, uint160 b, uint128 liquidity, bool up) external pure returns (uint256) {
        return SqrtPriceMath.getAmount1Delta(a, b, liquidity, up);
    }

    function getNextSqrtPriceFromInput(uint160 price, uint128 liquidity, uint256 amount, bool zeroForOne)
        external
        pure
        returns (uint160)
    {
        return SqrtPriceMath.getNextSqrtPriceFromInput(price, liquidity, amount, zeroForOne);
    }

    function getNextSqrtPriceFromOutput(uint160 price, uint128 liquidity, uint256 amount, bool zeroForOne)
        external
        pure
        returns (uint160)
    {
        return SqrtPriceMath.getNextSqrtPriceFromOutput(price, liquidity, amount, zeroForOne);
    }

    function computeSwapStep(uint160 price, uint160 target, uint128 liquidity, int256 remaining, uint24 fee)
        external
        pure
        returns (uint160, uint256, uint256, uint256)
    {
        return SwapMath.computeSwapStep(price, target, liquidity, remaining, fee);
    }
}
