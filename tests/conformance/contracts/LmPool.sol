// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.7.6;

import "@pancakeswap/v3-core/contracts/libraries/FixedPoint128.sol";
import "@pancakeswap/v3-core/contracts/libraries/FullMath.sol";
import "@pancakeswap/v3-core/contracts/libraries/LiquidityMath.sol";
import "@pancakeswap/v3-core/contracts/libraries/LowGasSafeMath.sol";
import "@pancakeswap/v3-core/contracts/libraries/SafeCast.sol";

interface Creator {
    function parameters() external view returns (SwapPool pool, Chef chef);
}

interface SwapPool {
    function slot0() external view returns (uint160, int24 tick, uint16, uint16, uint16, uint32, bool);
    function maxLiquidityPerTick() external view returns (uint128);
}

interface Chef {
    function getLatestPeriodInfo(address pool) external view returns (uint256 perSecond, uint256 end);
}

/// What stands between a PancakeSwap v3 pool and MasterChefV3, and is in no package: rewards for staked liquidity in range, kept as
/// the pool keeps its fees. It answers what both of them call, and what is asked of it for comparison.
contract LmPool {
    using LowGasSafeMath for int256;
    using SafeCast for int256;

    struct Tick {
        uint128 gross;
        int128 net;
        uint256 outside;
    }

    SwapPool public immutable pool;
    Chef public immutable masterChef;

    uint256 public rewardGrowthGlobalX128;
    mapping(int24 => Tick) public lmTicks;
    uint128 public lmLiquidity;
    uint32 public lastRewardTimestamp;

    constructor() {
        (pool, masterChef) = Creator(msg.sender).parameters();
        lastRewardTimestamp = uint32(block.timestamp);
    }

    function accumulateReward(uint32 time) external {
        uint32 last = lastRewardTimestamp;
        if (time <= last) return;
        lastRewardTimestamp = time;
        if (lmLiquidity == 0) return;
        (uint256 perSecond, uint256 end) = masterChef.getLatestPeriodInfo(address(pool));
        uint32 until = uint32(end) < time ? uint32(end) : time;
        if (until <= last) return;
        uint256 perSecondX128 = FullMath.mulDiv(perSecond, FixedPoint128.Q128, 1e12);
        rewardGrowthGlobalX128 += FullMath.mulDiv(until - last, perSecondX128, lmLiquidity);
    }

    /// The pool crosses one of its ticks, down or up. Those at which no staked position ends are none of this contract's.
    function crossLmTick(int24 number, bool down) external {
        Tick storage tick = lmTicks[number];
        if (tick.gross == 0) return;
        tick.outside = rewardGrowthGlobalX128 - tick.outside;
        lmLiquidity = LiquidityMath.addDelta(lmLiquidity, down ? -tick.net : tick.net);
    }

    function updatePosition(int24 lower, int24 upper, int128 delta) external {
        require(msg.sender == address(masterChef), "Not MC");
        (, int24 now_, , , , , ) = pool.slot0();
        if (delta != 0) {
            _update(lower, now_, delta, delta);
            _update(upper, now_, delta, -delta);
        }
        if (lower <= now_ && now_ < upper) lmLiquidity = LiquidityMath.addDelta(lmLiquidity, delta);
        if (lmTicks[lower].gross == 0) delete lmTicks[lower];
        if (lmTicks[upper].gross == 0) delete lmTicks[upper];
    }

    function _update(int24 number, int24 now_, int128 delta, int128 net) private {
        Tick storage tick = lmTicks[number];
        uint128 gross = LiquidityMath.addDelta(tick.gross, delta);
        require(gross <= pool.maxLiquidityPerTick(), "LO");
        if (tick.gross == 0) tick.outside = number <= now_ ? rewardGrowthGlobalX128 : 0;
        tick.gross = gross;
        tick.net = int256(tick.net).add(net).toInt128();
    }

    function getRewardGrowthInside(int24 lower, int24 upper) external view returns (uint256) {
        (, int24 now_, , , , , ) = pool.slot0();
        uint256 all = rewardGrowthGlobalX128;
        uint256 below = now_ < lower ? all - lmTicks[lower].outside : lmTicks[lower].outside;
        uint256 above = now_ < upper ? lmTicks[upper].outside : all - lmTicks[upper].outside;
        return all - below - above;
    }
}
