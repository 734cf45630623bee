// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.26;

import {Actor, Token} from "./Actor.sol";
import {IPoolManager} from "@uniswap/v4-core/src/interfaces/IPoolManager.sol";
import {IUnlockCallback} from "@uniswap/v4-core/src/interfaces/callback/IUnlockCallback.sol";
import {BalanceDelta} from "@uniswap/v4-core/src/types/BalanceDelta.sol";
import {Currency} from "@uniswap/v4-core/src/types/Currency.sol";
import {PoolId} from "@uniswap/v4-core/src/types/PoolId.sol";
import {PoolKey} from "@uniswap/v4-core/src/types/PoolKey.sol";
import {ModifyLiquidityParams, SwapParams} from "@uniswap/v4-core/src/types/PoolOperation.sol";
import {StateLibrary} from "@uniswap/v4-core/src/libraries/StateLibrary.sol";

/// Somebody who uses pools of Uniswap v4: unlocks the manager, does one thing, and settles both currencies.
contract V4Actor is Actor, IUnlockCallback {
    IPoolManager private immutable manager;

    constructor(IPoolManager manager_) {
        manager = manager_;
    }

    /// Makes the call of `data` to this very contract while the manager is unlocked.
    function unlocked(bytes calldata data) external {
        bytes memory answer = abi.decode(_call(address(manager), abi.encodeCall(manager.unlock, (data))), (bytes));
        assembly {
            return(add(answer, 32), mload(answer))
        }
    }

    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        return _call(address(this), data);
    }

    /// Returns what the caller gets (negative: pays) of both currencies, fees included, and the fees among that.
    function modifyLiquidity(PoolKey calldata key, ModifyLiquidityParams calldata params)
        external
        returns (int256 amount0, int256 amount1, int256 fees0, int256 fees1)
    {
        (BalanceDelta delta, BalanceDelta fees) = manager.modifyLiquidity(key, params, "");
        (amount0, amount1) = _settle(key, delta);
        (fees0, fees1) = (fees.amount0(), fees.amount1());
    }

    /// Returns what the caller gets (negative: pays) of both currencies.
    function swap(PoolKey calldata key, SwapParams calldata params) external returns (int256, int256) {
        return _settle(key, manager.swap(key, params, ""));
    }

    /// Returns what the caller gets (negative: pays) of both currencies.
    function donate(PoolKey calldata key, uint256 amount0, uint256 amount1) external returns (int256, int256) {
        return _settle(key, manager.donate(key, amount0, amount1, ""));
    }

    function _settle(PoolKey calldata key, BalanceDelta delta) private returns (int256 amount0, int256 amount1) {
        (amount0, amount1) = (delta.amount0(), delta.amount1());
        _settle(key.currency0, amount0);
        _settle(key.currency1, amount1);
    }

    function _settle(Currency currency, int256 amount) private {
        if (amount < 0) {
            manager.sync(currency);
            Token(Currency.unwrap(currency)).transfer(address(manager), uint256(-amount));
            manager.settle();
        } else if (amount > 0) {
            manager.take(currency, address(this), uint256(amount));
        }
    }

    function slot0(PoolId id) external view returns (uint160, int24, uint24, uint24) {
        return StateLibrary.getSlot0(manager, id);
    }

    function globals(PoolId id) external view returns (uint128 liquidity, uint256 growth0, uint256 growth1) {
        liquidity = StateLibrary.getLiquidity(manager, id);
        (growth0, growth1) = StateLibrary.getFeeGrowthGlobals(manager, id);
    }

    function tick(PoolId id, int24 number) external view returns (uint128, int128, uint256, uint256) {
        return StateLibrary.getTickInfo(manager, id, number);
    }

    function position(PoolId id, bytes32 key) external view returns (uint128, uint256, uint256) {
        return StateLibrary.getPositionInfo(manager, id, key);
    }
}
