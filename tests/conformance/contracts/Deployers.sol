// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.26;

/// Creates contracts that ask their creator who it is.
contract Deployer {
    function _create(bytes memory code) internal returns (address created) {
        assembly {
            created := create(0, add(code, 32), mload(code))
            if iszero(created) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }
}

/// What a PancakeSwap v3 pool takes its parameters from.
contract PancakeV3Deployer is Deployer {
    struct Parameters {
        address factory;
        address token0;
        address token1;
        uint24 fee;
        int24 tickSpacing;
    }

    Parameters public parameters;

    /// The caller stands for the factory, and so may govern the pool.
    function deploy(address token0, address token1, uint24 fee, int24 tickSpacing, bytes calldata code)
        external
        returns (address)
    {
        parameters = Parameters(msg.sender, token0, token1, fee, tickSpacing);
        return _create(code);
    }
}

/// What a Curve NG pool asks who governs it and who gets its fees.
contract CurveFactory is Deployer {
    address public admin;
    address public fee_receiver;

    /// The caller is both.
    function deploy(bytes calldata code) external returns (address) {
        admin = fee_receiver = msg.sender;
        return _create(code);
    }
}
