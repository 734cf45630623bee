// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.26;

interface Token {
    function transfer(address to, uint256 amount) external returns (bool);
}

interface Pool {
    function token0() external view returns (Token);
    function token1() external view returns (Token);
}

/// Somebody who calls contracts, several of them in one transaction, and pays whatever they ask for when they call back.
contract Actor {
    /// Makes all calls or none. Returns what the last one returned, and reverts as the first one that reverts.
    function run(address[] calldata targets, bytes[] calldata calls) external {
        bytes memory answer;
        for (uint256 i = 0; i < targets.length; i++) {
            answer = _call(targets[i], calls[i]);
        }
        assembly {
            return(add(answer, 32), mload(answer))
        }
    }

    function _call(address target, bytes memory data) internal returns (bytes memory answer) {
        bool passed;
        (passed, answer) = target.call(data);
        if (!passed) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        _pay(amount0, amount1);
    }

    function pancakeV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        _pay(amount0, amount1);
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external {
        _settle(amount0, amount1);
    }

    function pancakeV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external {
        _settle(amount0, amount1);
    }

    /// Flash loans pay back what the borrower wants to, not what is due.
    function uniswapV3FlashCallback(uint256, uint256, bytes calldata payment) external {
        (uint256 amount0, uint256 amount1) = abi.decode(payment, (uint256, uint256));
        _pay(amount0, amount1);
    }

    function pancakeV3FlashCallback(uint256, uint256, bytes calldata payment) external {
        (uint256 amount0, uint256 amount1) = abi.decode(payment, (uint256, uint256));
        _pay(amount0, amount1);
    }

    /// Takes any position that is given to him.
    function onERC721Received(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        return this.onERC721Received.selector;
    }

    function _settle(int256 amount0, int256 amount1) private {
        _pay(amount0 > 0 ? uint256(amount0) : 0, amount1 > 0 ? uint256(amount1) : 0);
    }

    function _pay(uint256 amount0, uint256 amount1) private {
        if (amount0 > 0) Pool(msg.sender).token0().transfer(msg.sender, amount0);
        if (amount1 > 0) Pool(msg.sender).token1().transfer(msg.sender, amount1);
    }
}
