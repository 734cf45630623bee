// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.26;

import "./Deployers.sol";

interface LmHost {
    function setLmPool(address lmPool) external;
}

interface Boosted {
    function updateBoostMultiplier(uint256 id, uint256 multiplier) external;
}

/// Stands for the factory of PancakeSwap v3 pools, and gives each the contract that counts its farm's rewards.
contract LmPoolDeployer is Deployer {
    struct Parameters {
        address pool;
        address chef;
    }

    Parameters public parameters;
    address private immutable chef;
    PancakeV3Deployer private immutable pools;
    bytes private lmPoolCode;

    constructor(address chef_, PancakeV3Deployer pools_, bytes memory lmPoolCode_) {
        (chef, pools, lmPoolCode) = (chef_, pools_, lmPoolCode_);
    }

    function create(address token0, address token1, uint24 fee, int24 tickSpacing, bytes calldata code)
        external
        returns (address)
    {
        return pools.deploy(token0, token1, fee, tickSpacing, code);
    }

    function deploy(address pool) external returns (address lmPool) {
        parameters = Parameters(pool, chef);
        lmPool = _create(lmPoolCode);
        LmHost(pool).setLmPool(lmPool);
    }
}

/// Remembers what each position's liquidity is multiplied by.
contract Booster {
    mapping(uint256 => uint256) private multipliers;

    /// Tells the farm later, when it asks.
    function grant(uint256 id, uint256 multiplier) external {
        multipliers[id] = multiplier;
    }

    /// Tells the farm now.
    function boost(Boosted chef, uint256 id, uint256 multiplier) external {
        multipliers[id] = multiplier;
        chef.updateBoostMultiplier(id, multiplier);
    }

    function updatePositionBoostMultiplier(uint256 id) external view returns (uint256) {
        return multipliers[id];
    }

    function removeBoostMultiplier(address, uint256 id, uint256) external {
        delete multipliers[id];
    }
}
