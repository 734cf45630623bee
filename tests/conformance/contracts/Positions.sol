// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.7.6;
pragma abicoder v2;

import "@pancakeswap/v3-core/contracts/libraries/TickMath.sol";
import "@pancakeswap/v3-periphery/contracts/libraries/LiquidityAmounts.sol";

interface Erc20 {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

interface Receiver {
    function onERC721Received(address operator, address from, uint256 id, bytes calldata data) external returns (bytes4);
}

interface SwapPool {
    function token0() external view returns (address);
    function token1() external view returns (address);
    function fee() external view returns (uint24);
    function slot0() external view returns (uint160 price, int24, uint16, uint16, uint16, uint32, bool);
    function mint(address owner, int24 lower, int24 upper, uint128 liquidity, bytes calldata data)
        external
        returns (uint256, uint256);
    function burn(int24 lower, int24 upper, uint128 liquidity) external returns (uint256, uint256);
}

/// What MasterChefV3 needs of a position manager: positions as tokens, told apart by numbers. Fees stay in the pool.
contract Positions {
    struct Position {
        address owner;
        SwapPool pool;
        int24 lower;
        int24 upper;
        uint128 liquidity;
    }

    struct Increase {
        uint256 id;
        uint256 amount0;
        uint256 amount1;
        uint256 least0;
        uint256 least1;
        uint256 deadline;
    }

    struct Decrease {
        uint256 id;
        uint128 liquidity;
        uint256 least0;
        uint256 least1;
        uint256 deadline;
    }

    mapping(uint256 => Position) public held;
    uint256 public count;

    function mint(SwapPool pool, int24 lower, int24 upper, uint128 liquidity) external returns (uint256 id) {
        pool.mint(address(this), lower, upper, liquidity, abi.encode(msg.sender));
        id = ++count;
        held[id] = Position(msg.sender, pool, lower, upper, liquidity);
    }

    function increaseLiquidity(Increase calldata by) external payable returns (uint128 liquidity, uint256 paid0, uint256 paid1) {
        Position storage position = held[by.id];
        (uint160 price, , , , , , ) = position.pool.slot0();
        uint160 lower = TickMath.getSqrtRatioAtTick(position.lower);
        uint160 upper = TickMath.getSqrtRatioAtTick(position.upper);
        liquidity = LiquidityAmounts.getLiquidityForAmounts(price, lower, upper, by.amount0, by.amount1);
        bytes memory payer = abi.encode(msg.sender);
        (paid0, paid1) = position.pool.mint(address(this), position.lower, position.upper, liquidity, payer);
        position.liquidity += liquidity;
    }

    function decreaseLiquidity(Decrease calldata by) external returns (uint256, uint256) {
        Position storage position = held[by.id];
        require(position.owner == msg.sender, "Not approved");
        require(by.liquidity > 0 && by.liquidity <= position.liquidity);
        position.liquidity -= by.liquidity;
        return position.pool.burn(position.lower, position.upper, by.liquidity);
    }

    function safeTransferFrom(address from, address to, uint256 id) external {
        require(held[id].owner == from && from == msg.sender, "Not approved");
        held[id].owner = to;
        bytes4 answer = Receiver(to).onERC721Received(msg.sender, from, id, "");
        require(answer == Receiver.onERC721Received.selector);
    }

    function pancakeV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata data) external {
        address payer = abi.decode(data, (address));
        if (amount0 > 0) require(Erc20(SwapPool(msg.sender).token0()).transferFrom(payer, msg.sender, amount0));
        if (amount1 > 0) require(Erc20(SwapPool(msg.sender).token1()).transferFrom(payer, msg.sender, amount1));
    }

    function positions(uint256 id)
        external
        view
        returns (uint96, address, address, address, uint24, int24, int24, uint128, uint256, uint256, uint128, uint128)
    {
        Position memory position = held[id];
        SwapPool pool = position.pool;
        return (
            0,
            address(0),
            pool.token0(),
            pool.token1(),
            pool.fee(),
            position.lower,
            position.upper,
            position.liquidity,
            0,
            0,
            0,
            0
        );
    }
}
